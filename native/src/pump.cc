// SPDX-License-Identifier: GPL-2.0-only
// Pages from a task into a file, without passing through JavaScript.
#include "pages.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

namespace {

using criu::CHUNK;

struct Range {
	uint64_t addr;
	uint64_t len;
	uint64_t offset; // in the file or the buffer
};

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

struct Job : criu::PageJob {
	pid_t pid; // 0: nothing is copied, the file only gets its pages
	int fd;
	uint64_t base;
	std::vector<Range> ranges;
	Prepared *into;
	bool lenient = false;

	Job(pid_t p, int f, uint64_t b, std::vector<Range> r, Prepared *i) : pid(p), fd(f), base(b), ranges(std::move(r)), into(i)
	{
	}
	void work();
	Napi::Value result(Napi::Env env)
	{
		if (!pid && !error)
			into->filled = into->size;
		return outcome(env);
	}
};

int move(Job *job, const Range &r, uint8_t *chunk)
{
	uint64_t at = job->base + r.offset;

	if (!job->pid) {
		int e = criu::write_full(job->fd, chunk, r.len, at);

		// Without it the copy has the page faults.
		if (!e)
			madvise(job->into->data + at, r.len, 23 /* MADV_POPULATE_WRITE */);
		return e;
	}
	// A failure may be the mapping's; writing tells.
	if (job->into && at + r.len <= job->into->filled && !criu::read_task(job->pid, job->into->data + at, r.addr, r.len))
		return 0;
	int e = criu::read_task(job->pid, chunk, r.addr, r.len, job->lenient);
	return e ? e : criu::write_full(job->fd, chunk, r.len, at);
}

void Job::work()
{
	std::vector<uint8_t> chunk;

	// A task stands still for it. A wish, not a need.
	if (pid)
		setpriority(PRIO_PROCESS, 0, -20);
	for (;;) {
		size_t i = next++;

		if (i >= ranges.size() || error)
			return;
		if (chunk.empty())
			chunk.resize(CHUNK);
		int e = move(this, ranges[i], chunk.data());
		if (e)
			fail(e, ranges[i].addr);
	}
}

Napi::Value run(Napi::Env env, Job *job, unsigned threads, Napi::Value keep)
{
	if (threads > job->ranges.size())
		threads = job->ranges.size() ? static_cast<unsigned>(job->ranges.size()) : 1;
	return criu::in_background(env, job, threads, keep);
}

// pumpToFile(pid, ranges: BigUint64Array of (address, length), fd, offset, threads, prepared or null, lenient)
Napi::Value to_file(const Napi::CallbackInfo &info)
{
	bool there = info[5].IsExternal();
	auto *into = there ? info[5].As<Napi::External<Prepared>>().Data() : nullptr;
	auto *job = new Job(info[0].As<Napi::Number>().Int32Value(), info[2].As<Napi::Number>().Int32Value(),
			    criu::to_u64(info[3], "offset"), cut(info[1].As<Napi::BigUint64Array>()), into);

	job->lenient = info[6].ToBoolean();
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
