// SPDX-License-Identifier: GPL-2.0-only
// Files that are prepared for the pages of tasks before these are frozen.
#pragma once

#include "addon.h"

#include <memory>
#include <stdint.h>

namespace criu {

// Bytes of a huge page.
const uint64_t HUGE = 2 << 20;

// The beginning of a file on tmpfs that consists of huge pages, mapped by this process. Copying into it causes one page
// fault for each huge page.
struct HugePart {
	uint8_t *at = nullptr;
	uint64_t bytes = 0;
	uint64_t mapped = 0;

	HugePart() = default;
	HugePart(const HugePart &) = delete;
	HugePart &operator=(const HugePart &) = delete;
	~HugePart();

	// Unmaps huge pages, which stay in the file: as long as they are mapped they count as memory of this process, and
	// as many gibibytes as a task has would hit its limits.
	void forget(uint64_t from, uint64_t length);
};

// Returns the part behind `huge` of prepareFile(); null for undefined and for a released one.
std::shared_ptr<HugePart> huge_part(const Napi::Value &value);

} // namespace criu
