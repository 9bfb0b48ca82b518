// SPDX-License-Identifier: GPL-2.0-only
// Files that are prepared for the pages of tasks before these are frozen.
#pragma once

#include "addon.h"

#include <memory>
#include <stdint.h>

namespace criu {

// The beginning of a file on tmpfs that consists of huge pages, mapped by this process. Copying into it causes no page
// faults.
struct HugePart {
	uint8_t *at = nullptr;
	uint64_t bytes = 0;
	uint64_t mapped = 0;

	HugePart() = default;
	HugePart(const HugePart &) = delete;
	HugePart &operator=(const HugePart &) = delete;
	~HugePart();
};

// Returns the part behind `huge` of prepareFile(); null for undefined and for a released one.
std::shared_ptr<HugePart> huge_part(const Napi::Value &value);

} // namespace criu
