// SPDX-License-Identifier: GPL-2.0-only
// Pages from a task into memory of ours and into files, without passing through JavaScript.
#include "addon.h"

#include <atomic>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <string>
#include <sys/mman.h>
#include <sys/uio.h>
#include <thread>
#include <unistd.h>

namespace {

struct Range {
	uint64_t addr;
	uint64_t len;
	uint64_t offset; // in the file or the buffer
};

const uint64_t CHUNK = 1 << 20;

// Ranges cut so that no piece is longer than CHUNK.
std::vector<Range> cut(const Napi::BigUint64Array &list)
{
	std::vector<Range> out;
	uint64_t offset = 0;

	for (size_t i = 0; i + 1 < list.ElementLength(); i += 2)
		for (uint64_t at = 0; at < list[i + 1];) {
			uint64_t n = list[i + 1] - at < CHUNK ? list[i + 1] - at : CHUNK;

			out.push_back({ list[i] + at, n, offset });
			offset += n;
			at += n;
		}
	return out;
}

int write_full(int fd, const uint8_t *data, uint64_t len, uint64_t offset)
{
	while (len) {
		ssize_t w = pwrite(fd, data, len, static_cast<off_t>(offset));

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return w < 0 ? errno : EIO;
		data += w;
		len -= static_cast<uint64_t>(w);
		offset += static_cast<uint64_t>(w);
	}
	return 0;
}

int read_mem(pid_t pid, uint8_t *to, const Range &r)
{
	char path[64];
	uint64_t done = 0;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	while (done < r.len) {
		ssize_t n = pread(fd, to + done, r.len - done, static_cast<off_t>(r.addr + done));

		if (n <= 0) {
			int e = n < 0 ? errno : EFAULT;

			close(fd);
			return e;
		}
		done += static_cast<uint64_t>(n);
	}
	close(fd);
	return 0;
}

int read_vm(pid_t pid, uint8_t *to, const Range &r)
{
	iovec local = { to, r.len };
	iovec remote = { reinterpret_cast<void *>(r.addr), r.len };
	ssize_t n = process_vm_readv(pid, &local, 1, &remote, 1, 0);

	if (n >= 0 && static_cast<uint64_t>(n) == r.len)
		return 0;
	if (n < 0 && errno != EFAULT)
		return errno;
	// What the task itself may not read (PROT_NONE) is still there for its tracer.
	return read_mem(pid, to, r);
}

// Memory set aside before the freeze, so that the copy itself meets no page fault of ours.
struct Arena {
	uint8_t *data = nullptr;
	size_t size = 0;
	~Arena()
	{
		if (data)
			munmap(data, size);
	}
};

struct Job {
	pid_t pid;
	int fd;
	uint64_t base;
	std::vector<Range> ranges;
	uint8_t *arena;
	std::atomic<size_t> next{ 0 };
	std::atomic<int> error{ 0 };
	std::atomic<uint64_t> error_addr{ 0 };
	std::atomic<int> running{ 0 };
	int kind; // 0: task -> file, 1: task -> arena, 2: arena -> file
	Napi::Reference<Napi::Value> keep;

	explicit Job(pid_t p, int f, uint64_t b, std::vector<Range> r, uint8_t *a, int k)
		: pid(p), fd(f), base(b), ranges(std::move(r)), arena(a), kind(k)
	{
	}
};

void work(Job *job)
{
	std::vector<uint8_t> chunk(job->kind == 0 ? CHUNK : 0);

	for (;;) {
		size_t i = job->next++;
		int e = 0;

		if (i >= job->ranges.size() || job->error)
			return;
		const Range &r = job->ranges[i];
		if (job->kind == 1) {
			e = read_vm(job->pid, job->arena + job->base + r.offset, r);
		} else if (job->kind == 2) {
			e = write_full(job->fd, job->arena + r.addr, r.len, job->base + r.offset);
		} else {
			e = read_vm(job->pid, chunk.data(), r);
			if (!e)
				e = write_full(job->fd, chunk.data(), r.len, job->base + r.offset);
		}
		if (e) {
			job->error_addr = r.addr;
			job->error = e;
		}
	}
}

Napi::Value run(Napi::Env env, Job *job, unsigned threads, Napi::Value keep)
{
	auto deferred = Napi::Promise::Deferred::New(env);
	auto tsfn = Napi::ThreadSafeFunction::New(env, Napi::Function::New(env, [](const Napi::CallbackInfo &) {}), "page pump", 0, 1);

	job->keep = Napi::Reference<Napi::Value>::New(keep, 1);
	if (threads > job->ranges.size())
		threads = job->ranges.size() ? static_cast<unsigned>(job->ranges.size()) : 1;
	job->running = static_cast<int>(threads);
	for (unsigned i = 0; i < threads; i++)
		std::thread([job, deferred, tsfn]() mutable {
			work(job);
			if (--job->running)
				return;
			tsfn.BlockingCall([job, deferred](Napi::Env e, Napi::Function) {
				if (!static_cast<napi_env>(e))
					return; // the process is ending
				Napi::Object result = Napi::Object::New(e);

				result.Set("errno", Napi::Number::New(e, job->error.load()));
				result.Set("address", Napi::BigInt::New(e, job->error_addr.load()));
				delete job;
				deferred.Resolve(result);
			});
			tsfn.Release();
		}).detach();
	return deferred.Promise();
}

uint8_t *arena_of(const Napi::Value &v, size_t *size)
{
	Napi::ArrayBuffer b = v.As<Napi::ArrayBuffer>();

	*size = b.ByteLength();
	return static_cast<uint8_t *>(b.Data());
}

void check_fit(Napi::Env env, bool fits)
{
	if (!fits)
		throw Napi::RangeError::New(env, "page pump: the arena is too small");
}

// pumpToFile(pid, ranges: BigUint64Array of (address, length), fd, offset, threads)
Napi::Value to_file(const Napi::CallbackInfo &info)
{
	auto *job = new Job(info[0].As<Napi::Number>().Int32Value(), info[2].As<Napi::Number>().Int32Value(),
			    criu::to_u64(info[3], "offset"), cut(info[1].As<Napi::BigUint64Array>()), nullptr, 0);

	return run(info.Env(), job, info[4].As<Napi::Number>().Uint32Value(), info[1]);
}

// arena(size) -> ArrayBuffer of touched memory
Napi::Value arena(const Napi::CallbackInfo &info)
{
	size_t size = (criu::to_u64(info[0], "size") + 4095) & ~4095ull;
	auto *a = new Arena;

	if (!size)
		size = 4096;
	void *p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED) {
		delete a;
		return Napi::Number::New(info.Env(), -errno);
	}
	a->data = static_cast<uint8_t *>(p);
	a->size = size;
	madvise(p, size, MADV_HUGEPAGE);
	madvise(p, size, 23 /* MADV_POPULATE_WRITE */);
	return Napi::ArrayBuffer::New(info.Env(), p, size, [](Napi::Env, void *, Arena *hint) { delete hint; }, a);
}

// pumpToArena(pid, ranges, arena, offset in it, threads)
Napi::Value to_arena(const Napi::CallbackInfo &info)
{
	size_t size;
	uint8_t *data = arena_of(info[2], &size);
	uint64_t base = criu::to_u64(info[3], "offset");
	std::vector<Range> ranges = cut(info[1].As<Napi::BigUint64Array>());

	check_fit(info.Env(), ranges.empty() || base + ranges.back().offset + ranges.back().len <= size);
	auto *job = new Job(info[0].As<Napi::Number>().Int32Value(), -1, base, std::move(ranges), data, 1);
	return run(info.Env(), job, info[4].As<Napi::Number>().Uint32Value(), info[2]);
}

// arenaToFile(arena, ranges of (offset in it, length), fd, offset, threads)
Napi::Value arena_to_file(const Napi::CallbackInfo &info)
{
	size_t size;
	uint8_t *data = arena_of(info[0], &size);
	std::vector<Range> ranges = cut(info[1].As<Napi::BigUint64Array>());

	for (const Range &r : ranges)
		check_fit(info.Env(), r.addr + r.len <= size);
	auto *job = new Job(0, info[2].As<Napi::Number>().Int32Value(), criu::to_u64(info[3], "offset"),
			    std::move(ranges), data, 2);
	return run(info.Env(), job, info[4].As<Napi::Number>().Uint32Value(), info[0]);
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("pumpToFile", Napi::Function::New(env, to_file, "pumpToFile"));
	exports.Set("pumpArena", Napi::Function::New(env, arena, "pumpArena"));
	exports.Set("pumpToArena", Napi::Function::New(env, to_arena, "pumpToArena"));
	exports.Set("pumpArenaToFile", Napi::Function::New(env, arena_to_file, "pumpArenaToFile"));
});

} // namespace
