// SPDX-License-Identifier: GPL-2.0-only
// Prepares a file so that writing pages into it is fast: allocates blocks and page cache, and huge pages on tmpfs.
#include "pages.h"
#include "prepared.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

namespace criu {

void HugePart::forget(uint64_t from, uint64_t length)
{
	madvise(at + from, length, MADV_DONTNEED);
}

HugePart::~HugePart()
{
	if (at)
		munmap(at, mapped);
}

std::shared_ptr<HugePart> huge_part(const Napi::Value &value)
{
	return value.IsExternal() ? *value.As<Napi::External<std::shared_ptr<HugePart>>>().Data() : nullptr;
}

} // namespace criu

namespace {

using criu::HUGE;
// Smaller files would leave too much of their last huge page unused.
const uint64_t HUGE_FROM = 2 * HUGE;
// Each MADV_COLLAPSE waits until all processors have drained their page lists, so fewer calls are faster. But only
// after a call is known how expensive huge pages are.
const uint64_t MOST_AT_ONCE = 8 << 20;
const uint64_t ZEROS = 1 << 18;

struct Prepare : criu::PageJob {
	int fd;
	uint64_t size, filled;
	bool may_be_huge;
	std::vector<uint8_t> zeros;
	std::shared_ptr<criu::HugePart> huge;
	bool small = false; // huge pages cost more than small ones

	int fill(uint64_t from, uint64_t to)
	{
		zeros.resize(ZEROS);
		for (uint64_t at = from; at < to; at += ZEROS) {
			int e = criu::write_full(fd, zeros.data(), to - at < ZEROS ? to - at : ZEROS, at);

			if (e)
				return e;
		}
		return 0;
	}

	// Maps the file at an address that is a multiple of the size of a huge page.
	std::shared_ptr<criu::HugePart> map(uint64_t bytes)
	{
		auto part = std::make_shared<criu::HugePart>();
		void *room = mmap(nullptr, bytes + HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (room == MAP_FAILED)
			return nullptr;
		uint8_t *begin = static_cast<uint8_t *>(room), *end = begin + bytes + HUGE;
		uint8_t *at = begin + (HUGE - reinterpret_cast<uint64_t>(begin) % HUGE) % HUGE;

		if (mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED) {
			munmap(room, bytes + HUGE);
			return nullptr;
		}
		if (at > begin)
			munmap(begin, static_cast<size_t>(at - begin));
		munmap(at + bytes, static_cast<size_t>(end - at - bytes));
		part->at = at;
		part->mapped = bytes;
		return part;
	}

	// One written page is enough for MADV_COLLAPSE to make a huge page of it.
	bool collapse(uint64_t at, uint64_t bytes)
	{
		for (uint64_t page = at; page < at + bytes; page += HUGE)
			if (criu::write_full(fd, zeros.data(), 1, page))
				return false;
		return !madvise(huge->at + at, bytes, MADV_COLLAPSE);
	}

	// Continues as long as a huge page costs no more CPU time than small pages: in a virtual machine whose host has
	// reclaimed free memory it costs many times as much. Returns the number of bytes in huge pages.
	uint64_t make_huge()
	{
		struct statfs fs;
		uint64_t bytes = (size + HUGE - 1) / HUGE * HUGE, done = 0;

		if (!may_be_huge || size < HUGE_FROM || fstatfs(fd, &fs) || fs.f_type != TMPFS_MAGIC)
			return 0;
		if (ftruncate(fd, static_cast<off_t>(bytes)) || !(huge = map(bytes)))
			return 0;
		uint64_t begin = criu::cpu_ns();

		if (fill(0, HUGE))
			return 0;
		uint64_t cost = criu::cpu_ns() - begin;

		while (done < bytes) {
			uint64_t most = done < HUGE ? HUGE : done < MOST_AT_ONCE ? done : MOST_AT_ONCE;
			uint64_t n = bytes - done < most ? bytes - done : most;

			begin = criu::cpu_ns();
			if (!collapse(done, n))
				break;
			huge->forget(done, n);
			done += n;
			if (criu::cpu_ns() - begin > n / HUGE * cost) {
				small = true;
				break;
			}
		}
		huge->bytes = done;
		return done;
	}

	void work()
	{
		uint64_t done = make_huge();

		if (done < size) {
			// Some file systems have no fallocate(2); writing then allocates the blocks.
			if (fallocate(fd, 0, static_cast<off_t>(done), static_cast<off_t>(size - done)) && errno == ENOSPC)
				return fail(ENOSPC, 0);
			int e = fill(done, filled);

			if (e)
				return fail(e, done);
		}
	}

	Napi::Value result(Napi::Env env)
	{
		using Held = std::shared_ptr<criu::HugePart>;
		Napi::Object o = outcome(env);

		o.Set("small", small);
		if (huge && huge->bytes)
			o.Set("huge", Napi::External<Held>::New(env, new Held(huge), [](Napi::Env, Held *held) { delete held; }));
		return o;
	}
};

// prepareFile(fd, bytes, filled, may_be_huge) -> promise of { errno, address, huge? }
Napi::Value prepare_file(const Napi::CallbackInfo &info)
{
	auto *job = new Prepare;

	job->fd = info[0].As<Napi::Number>().Int32Value();
	job->size = criu::to_u64(info[1], "bytes");
	job->filled = criu::to_u64(info[2], "filled");
	job->may_be_huge = info[3].ToBoolean();
	return criu::in_background(info.Env(), job, 1, Napi::Object::New(info.Env()));
}

// letHugeGo(huge): releases the mapping, which is removed when no job uses it any more
Napi::Value let_go(const Napi::CallbackInfo &info)
{
	if (info[0].IsExternal())
		info[0].As<Napi::External<std::shared_ptr<criu::HugePart>>>().Data()->reset();
	return info.Env().Undefined();
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("prepareFile", Napi::Function::New(env, prepare_file, "prepareFile"));
	exports.Set("letHugeGo", Napi::Function::New(env, let_go, "letHugeGo"));
});

} // namespace
