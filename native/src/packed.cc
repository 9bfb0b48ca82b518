// SPDX-License-Identifier: GPL-2.0-only
// Packs pages on their way into a file or a socket, in blocks of one or more pages. Several threads pack; the blocks
// are written in order.
#include "codec.h"
#include "pages.h"

#include <condition_variable>
#include <errno.h>
#include <mutex>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

namespace {

// Bytes that one thread packs before they are written with one call.
const uint64_t GROUP = 1 << 20;
// Bytes that are read with one call. They are still in the second-level cache when they are packed.
const uint64_t WINDOW = 1 << 18;

struct Block {
	uint64_t addr;
	uint64_t len;
};

// Blocks that one thread packs and writes together.
struct Group {
	size_t first, last; // indexes of blocks; `last` is exclusive
	size_t range;
};

// A record of the protocol of page servers (wire/protocol.ts).
struct Record {
	uint32_t command, unused;
	uint64_t pages, address, target;
};

bool is_zero(const uint8_t *p, uint64_t len)
{
	return !p[0] && !memcmp(p, p + 1, len - 1);
}

// Memory that has been read for one or more blocks.
struct Window {
	std::vector<uint8_t> bytes;
	uint64_t addr = 0, len = 0;

	bool has(const Block &b) const { return b.addr >= addr && b.addr + b.len <= addr + len; }
};

struct Pack : criu::PageJob {
	pid_t pid; // 0: packs pages of the file `source`
	int source;
	int fd;
	unsigned codec;
	unsigned acceleration;
	bool lenient;
	std::vector<Block> ranges;
	std::vector<Block> blocks;
	std::vector<Group> groups;
	std::vector<Record> records; // one for each range if `fd` is a socket; empty for a file
	std::vector<uint32_t> sizes;
	uint64_t written = 0;
	size_t turn = 0; // index of the group whose file offset is assigned next
	std::mutex lock;
	std::condition_variable turned;

	int read_block(uint8_t *to, const Block &b)
	{
		if (pid)
			return criu::read_task(pid, source, to, b.addr, b.len, lenient);
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

	void cut(uint64_t most)
	{
		for (size_t r = 0; r < ranges.size(); r++) {
			size_t first = blocks.size();
			uint64_t group = 0;

			for (uint64_t at = 0; at < ranges[r].len; at += most) {
				uint64_t len = ranges[r].len - at < most ? ranges[r].len - at : most;

				blocks.push_back({ ranges[r].addr + at, len });
				group += len;
				if (group < GROUP)
					continue;
				groups.push_back({ first, blocks.size(), r });
				first = blocks.size();
				group = 0;
			}
			// In a file, small ranges share a group.
			if (records.empty() && !groups.empty() && first < blocks.size() && small(groups.back()))
				groups.back().last = blocks.size();
			else if (first < blocks.size() || (!records.empty() && !ranges[r].len))
				groups.push_back({ first, blocks.size(), r });
		}
		sizes.resize(blocks.size());
	}

	bool small(const Group &g) const
	{
		uint64_t len = 0;

		for (size_t i = g.first; i < g.last; i++)
			len += blocks[i].len;
		return len < GROUP;
	}

	// Bytes before the blocks of a group in a socket: its record and the sizes of its blocks.
	size_t head(const Group &g) const
	{
		return records.empty() ? 0 : sizeof(Record) + (g.last - g.first) * sizeof(uint32_t);
	}

	void put_head(const Group &g, uint8_t *to) const
	{
		Record record = records[g.range];

		if (g.first < g.last) {
			const Block &last = blocks[g.last - 1];

			record.address += blocks[g.first].addr - ranges[g.range].addr;
			record.pages = (last.addr + last.len - blocks[g.first].addr) / 4096;
		}
		memcpy(to, &record, sizeof(record));
		memcpy(to + sizeof(record), sizes.data() + g.first, (g.last - g.first) * sizeof(uint32_t));
	}

	// Reads block i of a group, and adjacent blocks behind it.
	int read_window(const Group &g, size_t i, Window &window)
	{
		Block all = blocks[i];

		while (++i < g.last && blocks[i].addr == all.addr + all.len && all.len + blocks[i].len <= WINDOW)
			all.len += blocks[i].len;
		if (window.bytes.size() < all.len)
			window.bytes.resize(all.len);
		window.addr = all.addr;
		window.len = all.len;
		return read_block(window.bytes.data(), all);
	}

	// Packs a group into `out`. Returns 0, or an errno with the address in *at.
	int pack_group(const Group &g, Window &window, std::vector<uint8_t> &out, uint64_t *used, uint64_t *at, criu::Codec *packer)
	{
		window.len = 0;
		*used = head(g);
		if (out.size() < *used)
			out.resize(*used);
		for (size_t i = g.first; i < g.last; i++) {
			const Block &b = blocks[i];

			if (out.size() < *used + b.len)
				out.resize(*used + b.len);
			int e = window.has(b) ? 0 : read_window(g, i, window);
			const uint8_t *plain = window.bytes.data() + (b.addr - window.addr);

			criu::moved += b.len;
			if (e) {
				*at = b.addr;
				return e;
			}
			if (is_zero(plain, b.len)) {
				sizes[i] = 0;
				continue;
			}
			// A block that packing does not shorten is stored as it is.
			size_t n = packer->pack(plain, b.len, out.data() + *used, b.len - 1, acceleration);
			if (!n) {
				memcpy(out.data() + *used, plain, b.len);
				n = b.len;
			}
			sizes[i] = static_cast<uint32_t>(n);
			*used += n;
		}
		if (!records.empty())
			put_head(g, out.data());
		return 0;
	}

	void work()
	{
		Window window;
		std::vector<uint8_t> out;
		criu::Codec packer(codec);

		setpriority(PRIO_PROCESS, 0, -20);
		for (;;) {
			size_t g = next++;
			uint64_t used = 0, at = 0, place;

			if (g >= groups.size() || error)
				return;
			int e = pack_group(groups[g], window, out, &used, &at, &packer);
			{
				std::unique_lock<std::mutex> hold(lock);

				turned.wait(hold, [&] { return turn == g || error; });
				place = written;
				written += used;
				// In a socket groups must not interleave, so one thread sends at a time; in a file each
				// group has its own offset.
				if (!e && !error && !records.empty()) {
					at = ranges[groups[g].range].addr;
					e = criu::send_full(fd, out.data(), used);
				}
				turn = g + 1;
				if (e)
					fail(e, at);
				turned.notify_all();
			}
			if (error)
				return;
			if (!records.empty())
				continue;
			e = criu::write_full(fd, out.data(), used, place);
			if (e) {
				std::unique_lock<std::mutex> hold(lock);

				fail(e, blocks[groups[g].first].addr);
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

// Arguments of both functions below: pid or 0, source, ranges: (address, length), file or socket, bytes of a block,
// codec, acceleration, threads, lenient.
Napi::Value pack(const Napi::CallbackInfo &info, Pack *job)
{
	Napi::BigUint64Array list = info[2].As<Napi::BigUint64Array>();
	unsigned threads = info[7].As<Napi::Number>().Uint32Value();

	job->pid = info[0].As<Napi::Number>().Int32Value();
	job->source = info[1].As<Napi::Number>().Int32Value();
	job->fd = info[3].As<Napi::Number>().Int32Value();
	job->codec = info[5].As<Napi::Number>().Uint32Value();
	job->acceleration = info[6].As<Napi::Number>().Uint32Value();
	job->lenient = info[8].ToBoolean();
	for (size_t i = 0; i + 1 < list.ElementLength(); i += 2)
		job->ranges.push_back({ list[i], list[i + 1] });
	job->cut(criu::to_u64(info[4], "bytes of a block"));
	if (threads > job->groups.size())
		threads = job->groups.empty() ? 1 : static_cast<unsigned>(job->groups.size());
	return criu::in_background(info.Env(), job, threads, info[2]);
}

// packToFile(…) -> { errno, address, sizes, bytes }
Napi::Value pack_to_file(const Napi::CallbackInfo &info)
{
	return pack(info, new Pack);
}

// packToSocket(…, records) -> { errno, address, sizes, bytes }
Napi::Value pack_to_socket(const Napi::CallbackInfo &info)
{
	Napi::Uint8Array records = info[9].As<Napi::Uint8Array>();
	size_t count = info[2].As<Napi::BigUint64Array>().ElementLength() / 2;

	if (records.ByteLength() != count * sizeof(Record))
		throw Napi::TypeError::New(info.Env(), "packToSocket: a record for each range is needed");
	auto *job = new Pack;

	job->records.resize(count);
	if (count)
		memcpy(job->records.data(), records.Data(), records.ByteLength());
	return pack(info, job);
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("packToFile", Napi::Function::New(env, pack_to_file, "packToFile"));
	exports.Set("packToSocket", Napi::Function::New(env, pack_to_socket, "packToSocket"));
});

} // namespace
