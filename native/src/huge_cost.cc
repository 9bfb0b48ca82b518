// SPDX-License-Identifier: GPL-2.0-only
// Compares the cost of huge pages with that of small ones, before tasks are filled with the one or the other.
#include "pages.h"

#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace {

const uint64_t HUGE = 2 << 20;
const uint64_t PAGE = 4096;

// Returns the CPU time in ns for allocating memory, or 0 if that fails.
uint64_t populate(uint8_t *at, uint64_t length)
{
	uint64_t begin = criu::cpu_ns();

	return madvise(at, length, MADV_POPULATE_WRITE) ? 0 : criu::cpu_ns() - begin;
}

// The first huge pages may be cheap because they have just been freed, so several are made, until one is expensive. They
// have to cost less than half of small ones: MADV_COLLAPSE, which makes them elsewhere, waits for all processors, which
// is no CPU time.
bool pay(uint8_t *at, unsigned count)
{
	madvise(at, HUGE, MADV_NOHUGEPAGE);
	madvise(at + HUGE, count * HUGE, MADV_HUGEPAGE);

	uint64_t small = populate(at, HUGE);

	for (unsigned i = 1; i <= count; i++) {
		uint64_t huge = populate(at + i * HUGE, PAGE);

		if (!huge || huge > small / 2)
			return false;
	}
	return true;
}

// hugePagesPay(count) -> whether each of so many huge pages takes less than half the CPU time of small ones
Napi::Value pays(const Napi::CallbackInfo &info)
{
	unsigned count = info[0].As<Napi::Number>().Uint32Value();
	uint64_t length = (count + 2) * HUGE;
	void *room = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (room == MAP_FAILED)
		return Napi::Boolean::New(info.Env(), false);
	uint64_t first = (reinterpret_cast<uint64_t>(room) + HUGE - 1) / HUGE * HUGE;
	bool answer = pay(reinterpret_cast<uint8_t *>(first), count);

	munmap(room, length);
	return Napi::Boolean::New(info.Env(), answer);
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("hugePagesPay", Napi::Function::New(env, pays, "hugePagesPay"));
});

} // namespace
