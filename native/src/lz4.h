// SPDX-License-Identifier: GPL-2.0-only
// The block format of LZ4, without frames.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace criu {

const unsigned LZ4_NEAR_BITS = 13, LZ4_FAR_BITS = 12;

// Where words were seen last, by their hash. It fits into a first-level cache.
union Lz4Table {
	uint16_t near[1 << LZ4_NEAR_BITS];
	uint32_t far[1 << LZ4_FAR_BITS];
};

// Packs n bytes into at most `room` bytes. Returns the packed size, or 0 if it does not fit. A higher acceleration
// searches fewer positions.
size_t lz4_pack(const uint8_t *from, size_t n, uint8_t *to, size_t room, unsigned acceleration, Lz4Table *table);
// Unpacks a block of n bytes to `to`. Returns whether it is valid and holds exactly `size` bytes.
bool lz4_unpack(const uint8_t *from, size_t n, uint8_t *to, size_t size);

} // namespace criu
