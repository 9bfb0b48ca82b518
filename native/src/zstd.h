// SPDX-License-Identifier: GPL-2.0-only
// Zstandard frames with the libzstd of the machine, which is loaded at the first use.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace criu {

// Returns whether the machine has the library.
bool zstd_there();

// Compression contexts of one thread, created at the first use.
class Zstd {
public:
	Zstd() = default;
	Zstd(const Zstd &) = delete;
	Zstd &operator=(const Zstd &) = delete;
	~Zstd();

	// Packs n bytes into at most `room` bytes. Returns the packed size, or 0 if it does not fit. A higher
	// acceleration is faster and packs less.
	size_t pack(const uint8_t *from, size_t n, uint8_t *to, size_t room, unsigned acceleration);
	// Unpacks n bytes of frames to `to`. Returns whether they are valid and hold exactly `size` bytes.
	bool unpack(const uint8_t *from, size_t n, uint8_t *to, size_t size);

private:
	void *packer = nullptr, *unpacker = nullptr;
};

} // namespace criu
