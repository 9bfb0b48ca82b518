// SPDX-License-Identifier: GPL-2.0-only
// Compression of blocks of pages.
#pragma once

#include "lz4.h"
#include "zstd.h"

#include <memory>

namespace criu {

// Numbers of the codecs in image files.
enum { CODEC_LZ4 = 0, CODEC_ZSTD = 1 };

// Compression state of one thread.
struct Codec {
	unsigned which;
	std::unique_ptr<Lz4Table> lz4;
	Zstd zstd;

	explicit Codec(unsigned codec) : which(codec) {}

	size_t pack(const uint8_t *from, size_t n, uint8_t *to, size_t room, unsigned acceleration)
	{
		if (which == CODEC_ZSTD)
			return zstd.pack(from, n, to, room, acceleration);
		if (!lz4)
			lz4.reset(new Lz4Table);
		return lz4_pack(from, n, to, room, acceleration, lz4.get());
	}

	bool unpack(const uint8_t *from, size_t n, uint8_t *to, size_t size)
	{
		return which == CODEC_ZSTD ? zstd.unpack(from, n, to, size) : lz4_unpack(from, n, to, size);
	}
};

} // namespace criu
