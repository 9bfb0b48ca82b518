// SPDX-License-Identifier: GPL-2.0-only
// The checksum of gzip (RFC 1952, 8): a cyclic redundancy check with reversed bits.
#include "addon.h"

#include <stdint.h>

namespace {

const uint32_t POLYNOMIAL = 0xedb88320;

struct Table {
	uint32_t of[256];

	Table()
	{
		for (uint32_t byte = 0; byte < 256; byte++) {
			of[byte] = byte;
			for (int bit = 0; bit < 8; bit++)
				of[byte] = (of[byte] >> 1) ^ (of[byte] & 1 ? POLYNOMIAL : 0);
		}
	}
};

// crc32(bytes) -> checksum
Napi::Value crc32(const Napi::CallbackInfo &info)
{
	static const Table table;
	Napi::Uint8Array bytes = info[0].As<Napi::Uint8Array>();
	const uint8_t *at = bytes.Data();
	uint32_t crc = ~0u;

	for (size_t n = bytes.ByteLength(); n > 0; n--)
		crc = (crc >> 8) ^ table.of[(crc ^ *at++) & 0xff];
	return Napi::Number::New(info.Env(), ~crc);
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("crc32", Napi::Function::New(env, crc32, "crc32"));
});

} // namespace
