// SPDX-License-Identifier: GPL-2.0-only
// Pages that are packed on their way into a file, in blocks of one or more pages, and unpacked again. Blocks keep their
// order in the file, whoever has packed them.
#include "lz4.h"
#include "pages.h"

#include <condition_variable>
#include <errno.h>
#include <mutex>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

namespace {

// Packed by one thread at a time, and written at once.
const uint64_t GROUP = 1 << 20;

struct Block {
	uint64_t addr;
	uint64_t len;
};

bool is_zero(const uint8_t *p, uint64_t len)
{
	return !p[0] && !memcmp(p, p + 1, len - 1);
}

struct Pack : criu::PageJob {
	pid_t pid; // 0: pages of the file `source`
	int source;
	int fd;
	unsigned acceleration;
	bool lenient;
	std::vector<Block> blocks;
	std::vector<size_t> groups; // index of the first block of each, and the end
	std::vector<uint32_t> sizes;
	uint64_t written = 0;
	size_t turn = 0; // the group that may take its place in the file
	std::mutex lock;
	std::condition_variable turned;

	int read_block(uint8_t *to, const Block &b)
	{
		if (pid)
			return criu::read_task(pid, to, b.addr, b.len, lenient);
		for (uint64_t done = 0; done < b.len;) {
			ssize_t n = pread(source, to + done, b.len - done, static_cast<off_t>(b.addr + done));

			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0)
				return errno;
			if (!n) {
				memset(to + done, 0, b.len - done);
				break;
			}
			done += static_cast<uint64_t>(n);
		}
		return 0;
	}

	// Blocks of a group into `out`; 0 or an errno.
	int pack_group(size_t g, std::vector<uint8_t> &plain, std::vector<uint8_t> &out, uint64_t *used, uint64_t *at,
		       criu::Lz4Table *table)
	{
		*used = 0;
		for (size_t i = groups[g]; i < groups[g + 1]; i++) {
			const Block &b = blocks[i];

			if (plain.size() < b.len)
				plain.resize(b.len);
			if (out.size() < *used + b.len)
				out.resize(*used + b.len);
			int e = read_block(plain.data(), b);

			criu::moved += b.len;
			if (e) {
				*at = b.addr;
				return e;
			}
			if (is_zero(plain.data(), b.len)) {
				sizes[i] = 0;
				continue;
			}
			// What gains nothing stays as it is.
			size_t n = criu::lz4_pack(plain.data(), b.len, out.data() + *used, b.len - 1, acceleration, table);
			if (!n) {
				memcpy(out.data() + *used, plain.data(), b.len);
				n = b.len;
			}
			sizes[i] = static_cast<uint32_t>(n);
			*used += n;
		}
		return 0;
	}

	void work()
	{
		std::vector<uint8_t> plain, out;
		std::vector<criu::Lz4Table> table(1);

		setpriority(PRIO_PROCESS, 0, -20);
		for (;;) {
			size_t g = next++;
			uint64_t used = 0, at = 0, place;

			if (g + 1 >= groups.size() || error)
				return;
			int e = pack_group(g, plain, out, &used, &at, &table[0]);
			{
				std::unique_lock<std::mutex> hold(lock);

				turned.wait(hold, [&] { return turn == g || error; });
				place = written;
				written += used;
				turn = g + 1;
				if (e)
					fail(e, at);
				turned.notify_all();
			}
			if (error)
				return;
			e = criu::write_full(fd, out.data(), used, place);
			if (e) {
				std::unique_lock<std::mutex> hold(lock);

				fail(e, blocks[groups[g]].addr);
				turned.notify_all();
				return;
			}
		}
	}

	Napi::Value result(Napi::Env env)
	{
		Napi::Object o = outcome(env);
		Napi::Uint32Array list = Napi::Uint32Array::New(env, sizes.size());

		if (!sizes.empty())
			memcpy(list.Data(), sizes.data(), sizes.size() * sizeof(uint32_t));
		o.Set("sizes", list);
		o.Set("bytes", Napi::Number::New(env, static_cast<double>(written)));
		return o;
	}
};

// packToFile(pid or 0, source, ranges: (address, length), fd, bytes of a block, acceleration, threads, lenient)
// -> { errno, address, sizes, bytes }
Napi::Value pack_to_file(const Napi::CallbackInfo &info)
{
	auto *job = new Pack;
	Napi::BigUint64Array list = info[2].As<Napi::BigUint64Array>();
	uint64_t most = criu::to_u64(info[4], "bytes of a block"), group = 0;
	unsigned threads = info[6].As<Napi::Number>().Uint32Value();

	job->pid = info[0].As<Napi::Number>().Int32Value();
	job->source = info[1].As<Napi::Number>().Int32Value();
	job->fd = info[3].As<Napi::Number>().Int32Value();
	job->acceleration = info[5].As<Napi::Number>().Uint32Value();
	job->lenient = info[7].ToBoolean();
	for (size_t i = 0; i + 1 < list.ElementLength(); i += 2)
		for (uint64_t at = 0; at < list[i + 1]; at += most)
			job->blocks.push_back({ list[i] + at, list[i + 1] - at < most ? list[i + 1] - at : most });
	for (size_t i = 0; i < job->blocks.size(); i++) {
		if (!group)
			job->groups.push_back(i);
		group += job->blocks[i].len;
		if (group >= GROUP)
			group = 0;
	}
	job->groups.push_back(job->blocks.size());
	job->sizes.resize(job->blocks.size());
	if (threads > job->groups.size() - 1)
		threads = job->groups.size() > 1 ? static_cast<unsigned>(job->groups.size() - 1) : 1;
	return criu::in_background(info.Env(), job, threads, info[2]);
}

struct Packed {
	uint64_t at, size; // in the packed file
	uint64_t to, len;
};

struct Unpack {
	int source, fd;
	std::vector<Packed> blocks;
	std::atomic<size_t> next{ 0 };
	std::atomic<int> error{ 0 };
	std::atomic<uint64_t> error_at{ 0 };

	int unpack(const Packed &b, std::vector<uint8_t> &in, std::vector<uint8_t> &out)
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
		if (!criu::lz4_unpack(in.data(), b.size, out.data(), b.len))
			return EBADMSG;
		return criu::write_full(fd, out.data(), b.len, b.to);
	}

	void work()
	{
		std::vector<uint8_t> in, out;
		const size_t some = 64;

		for (;;) {
			size_t i = next.fetch_add(some);

			if (i >= blocks.size() || error)
				return;
			for (size_t k = i; k < i + some && k < blocks.size(); k++) {
				int e = unpack(blocks[k], in, out);

				if (e) {
					error_at = blocks[k].at;
					error = e;
					return;
				}
			}
		}
	}
};

// unpackFile(source, fd, blocks: (offset, bytes, offset unpacked, bytes unpacked) each, threads) -> { errno, address }:
// the address is the offset of the block that failed. Blocks of 0 bytes stay holes.
Napi::Value unpack_file(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::BigUint64Array list = info[2].As<Napi::BigUint64Array>();
	unsigned threads = info[3].As<Napi::Number>().Uint32Value();
	std::vector<std::thread> all;
	Unpack job;

	job.source = info[0].As<Napi::Number>().Int32Value();
	job.fd = info[1].As<Napi::Number>().Int32Value();
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
	exports.Set("packToFile", Napi::Function::New(env, pack_to_file, "packToFile"));
	exports.Set("unpackFile", Napi::Function::New(env, unpack_file, "unpackFile"));
});

} // namespace
