// SPDX-License-Identifier: GPL-2.0-only
// Zstandard frames, by the libzstd of the machine: it is looked for when it is needed first.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace criu {

// Whether the machine has the library.
bool zstd_there();

// For one thread; made when it is used first.
class Zstd {
public:
	Zstd() = default;
	Zstd(const Zstd &) = delete;
	Zstd &operator=(const Zstd &) = delete;
	~Zstd();

	// Packs n bytes into at most room; 0 if they do not fit. A higher acceleration takes less time and more room.
	size_t pack(const uint8_t *from, size_t n, uint8_t *to, size_t room, unsigned acceleration);
	// Whether n bytes are frames that hold exactly size bytes; they are written to `to`.
	bool unpack(const uint8_t *from, size_t n, uint8_t *to, size_t size);

private:
	void *packer = nullptr, *unpacker = nullptr;
};

} // namespace criu
