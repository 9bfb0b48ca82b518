// SPDX-License-Identifier: GPL-2.0-only
// Pages from a task into a file, without passing through JavaScript.
#include "addon.h"

#include <atomic>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <thread>
#include <unistd.h>

namespace {

struct Range {
	uint64_t addr;
	uint64_t len;
	uint64_t offset; // in the file or the buffer
};

const uint64_t CHUNK = 1 << 19;

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

// A file that has its blocks, and perhaps its pages: what is copied there meets neither an allocation nor a page fault.
struct Prepared {
	uint8_t *data = nullptr;
	uint64_t size = 0;
	uint64_t filled = 0; // all of it, once it has its pages
	~Prepared()
	{
		if (data)
			munmap(data, size);
	}
};

struct Job {
	pid_t pid; // 0: nothing is copied, the file only gets its pages
	int fd;
	uint64_t base;
	std::vector<Range> ranges;
	Prepared *into;
	std::atomic<size_t> next{ 0 };
	std::atomic<int> error{ 0 };
	std::atomic<uint64_t> error_addr{ 0 };
	std::atomic<int> running{ 0 };
	Napi::Reference<Napi::Value> keep;

	explicit Job(pid_t p, int f, uint64_t b, std::vector<Range> r, Prepared *i)
		: pid(p), fd(f), base(b), ranges(std::move(r)), into(i)
	{
	}
};

int move(Job *job, const Range &r, uint8_t *chunk)
{
	uint64_t at = job->base + r.offset;

	if (!job->pid) {
		int e = write_full(job->fd, chunk, r.len, at);

		// Without it the copy has the page faults.
		if (!e)
			madvise(job->into->data + at, r.len, 23 /* MADV_POPULATE_WRITE */);
		return e;
	}
	// A failure may be the mapping's; writing tells.
	if (job->into && at + r.len <= job->into->filled && !read_vm(job->pid, job->into->data + at, r))
		return 0;
	int e = read_vm(job->pid, chunk, r);
	return e ? e : write_full(job->fd, chunk, r.len, at);
}

void work(Job *job)
{
	std::vector<uint8_t> chunk;

	// A task stands still for it. A wish, not a need.
	if (job->pid)
		setpriority(PRIO_PROCESS, 0, -20);
	for (;;) {
		size_t i = job->next++;

		if (i >= job->ranges.size() || job->error)
			return;
		if (chunk.empty())
			chunk.resize(CHUNK);
		const Range &r = job->ranges[i];
		int e = move(job, r, chunk.data());
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
			if (!job->pid && !job->error)
				job->into->filled = job->into->size;
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

// pumpToFile(pid, ranges: BigUint64Array of (address, length), fd, offset, threads, prepared or null)
Napi::Value to_file(const Napi::CallbackInfo &info)
{
	bool there = info[5].IsExternal();
	auto *into = there ? info[5].As<Napi::External<Prepared>>().Data() : nullptr;
	auto *job = new Job(info[0].As<Napi::Number>().Int32Value(), info[2].As<Napi::Number>().Int32Value(),
			    criu::to_u64(info[3], "offset"), cut(info[1].As<Napi::BigUint64Array>()), into);

	return run(info.Env(), job, info[4].As<Napi::Number>().Uint32Value(), there ? info[5] : info[1]);
}

// pumpPrepare(fd, bytes) -> the empty file with its blocks, mapped; or -errno
Napi::Value prepare(const Napi::CallbackInfo &info)
{
	int fd = info[0].As<Napi::Number>().Int32Value();
	uint64_t size = (criu::to_u64(info[1], "bytes") + 4095) & ~4095ull;

	if (!size)
		return Napi::Number::New(info.Env(), -EINVAL);
	if (fallocate(fd, 0, 0, static_cast<off_t>(size)))
		return Napi::Number::New(info.Env(), -errno);
	void *p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return Napi::Number::New(info.Env(), -errno);
	auto *file = new Prepared;
	file->data = static_cast<uint8_t *>(p);
	file->size = size;
	return Napi::External<Prepared>::New(info.Env(), file, [](Napi::Env, Prepared *f) { delete f; });
}

// pumpFill(prepared, fd, threads): gives the file its pages
Napi::Value fill(const Napi::CallbackInfo &info)
{
	auto *into = info[0].As<Napi::External<Prepared>>().Data();
	Napi::BigUint64Array all = Napi::BigUint64Array::New(info.Env(), 2);

	all[0] = 0;
	all[1] = into->size;
	auto *job = new Job(0, info[1].As<Napi::Number>().Int32Value(), 0, cut(all), into);
	return run(info.Env(), job, info[2].As<Napi::Number>().Uint32Value(), info[0]);
}

// pumpUnmap(prepared): it is not used any more
Napi::Value unmap(const Napi::CallbackInfo &info)
{
	auto *file = info[0].As<Napi::External<Prepared>>().Data();

	if (file->data)
		munmap(file->data, file->size);
	file->data = nullptr;
	file->size = file->filled = 0;
	return info.Env().Undefined();
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("pumpToFile", Napi::Function::New(env, to_file, "pumpToFile"));
	exports.Set("pumpPrepare", Napi::Function::New(env, prepare, "pumpPrepare"));
	exports.Set("pumpUnmap", Napi::Function::New(env, unmap, "pumpUnmap"));
	exports.Set("pumpFill", Napi::Function::New(env, fill, "pumpFill"));
});

} // namespace
