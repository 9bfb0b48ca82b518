// SPDX-License-Identifier: GPL-2.0-only
// Files that are made ready for the pages of tasks before these stand still.
#pragma once

#include "addon.h"

#include <memory>
#include <stdint.h>

namespace criu {

// The beginning of a file on tmpfs, which consists of huge pages, and is mapped: whatever is copied there needs no page fault.
struct HugePart {
	uint8_t *at = nullptr;
	uint64_t bytes = 0;
	uint64_t mapped = 0;

	HugePart() = default;
	HugePart(const HugePart &) = delete;
	HugePart &operator=(const HugePart &) = delete;
	~HugePart();
};

// What prepareFile gave as `huge`; null for undefined, and for one that was let go.
std::shared_ptr<HugePart> huge_part(const Napi::Value &value);

} // namespace criu
