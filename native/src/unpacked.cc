// SPDX-License-Identifier: GPL-2.0-only
// Unpacks the blocks of a packed file into another file.
#include "codec.h"
#include "pages.h"

#include <errno.h>
#include <unistd.h>

namespace {

struct Packed {
	uint64_t at, size; // location in the packed file
	uint64_t to, len;
};

struct Unpack {
	int source, fd;
	unsigned codec;
	std::vector<Packed> blocks;
	std::atomic<size_t> next{ 0 };
	std::atomic<int> error{ 0 };
	std::atomic<uint64_t> error_at{ 0 };

	int unpack(const Packed &b, std::vector<uint8_t> &in, std::vector<uint8_t> &out, criu::Codec *packer)
	{
		if (!b.size)
			return 0;
		if (in.size() < b.size)
			in.resize(b.size);
		for (uint64_t done = 0; done < b.size;) {
			ssize_t n = pread(source, in.data() + done, b.size - done, static_cast<off_t>(b.at + done));

			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0)
				return n < 0 ? errno : ENODATA;
			done += static_cast<uint64_t>(n);
		}
		if (b.size == b.len)
			return criu::write_full(fd, in.data(), b.len, b.to);
		if (out.size() < b.len)
			out.resize(b.len);
		if (!packer->unpack(in.data(), b.size, out.data(), b.len))
			return EBADMSG;
		return criu::write_full(fd, out.data(), b.len, b.to);
	}

	void work()
	{
		std::vector<uint8_t> in, out;
		const size_t some = 64;
		criu::Codec packer(codec);

		for (;;) {
			size_t i = next.fetch_add(some);

			if (i >= blocks.size() || error)
				return;
			for (size_t k = i; k < i + some && k < blocks.size(); k++) {
				int e = unpack(blocks[k], in, out, &packer);

				if (e) {
					error_at = blocks[k].at;
					error = e;
					return;
				}
			}
		}
	}
};

// unpackFile(source, fd, blocks: (offset, bytes, offset unpacked, bytes unpacked) each, codec, threads) -> { errno,
// address }: the address is the offset of the block that failed. Blocks of 0 bytes become holes.
Napi::Value unpack_file(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::BigUint64Array list = info[2].As<Napi::BigUint64Array>();
	unsigned threads = info[4].As<Napi::Number>().Uint32Value();
	std::vector<std::thread> all;
	Unpack job;

	job.source = info[0].As<Napi::Number>().Int32Value();
	job.fd = info[1].As<Napi::Number>().Int32Value();
	job.codec = info[3].As<Napi::Number>().Uint32Value();
	for (size_t i = 0; i + 3 < list.ElementLength(); i += 4)
		job.blocks.push_back({ list[i], list[i + 1], list[i + 2], list[i + 3] });
	for (unsigned i = 1; i < threads; i++)
		all.emplace_back([&job] { job.work(); });
	job.work();
	for (auto &t : all)
		t.join();
	Napi::Object o = Napi::Object::New(env);
	o.Set("errno", Napi::Number::New(env, job.error.load()));
	o.Set("address", Napi::BigInt::New(env, job.error_at.load()));
	return o;
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("unpackFile", Napi::Function::New(env, unpack_file, "unpackFile"));
});

} // namespace
