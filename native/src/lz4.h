// SPDX-License-Identifier: GPL-2.0-only
// LZ4 blocks (the block format of lz4, without a frame).
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace criu {

const unsigned LZ4_HASH_BITS = 13;

struct Lz4Table {
	uint32_t at[1 << LZ4_HASH_BITS];
};

// Packs n bytes into at most room; 0 if they do not fit. A higher acceleration looks at fewer places.
size_t lz4_pack(const uint8_t *from, size_t n, uint8_t *to, size_t room, unsigned acceleration, Lz4Table *table);
// Whether a block of n bytes holds exactly size bytes; they are written to `to`.
bool lz4_unpack(const uint8_t *from, size_t n, uint8_t *to, size_t size);

} // namespace criu
