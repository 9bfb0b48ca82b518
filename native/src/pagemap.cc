// SPDX-License-Identifier: GPL-2.0-only
// Finds the pages of a task that differ from its files and from the zero page: with PAGEMAP_SCAN (Linux 6.7), or from
// the words of /proc/PID/pagemap.
#include "addon.h"
#include "pagemap_scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace {

const uint64_t PAGE = 4096;

using Out = std::vector<uint64_t>;

void add(Out &out, uint64_t start, uint64_t end, uint64_t index)
{
	size_t n = out.size();

	// Adjacent runs of one range are joined: the kernel splits them at its batch limits.
	if (n && out[n - 1] == index && out[n - 2] == start)
		out[n - 2] = end;
	else
		out.insert(out.end(), { start, end, index });
}

// Returns whether a pagemap word is only the marker of userfaultfd write-protection for a page that never existed: a
// swap entry whose type no swap area has, with only the marker bit set.
bool only_marked(uint64_t word)
{
	const uint64_t TYPE = 31, MARK = 1;

	return (word >> 62 & 3) == 1 && (word & ((1ull << 55) - 1)) == (MARK << 5 | TYPE);
}

// Calls `each` with the address and the word of /proc/PID/pagemap of each page. Returns 0 or an errno.
template <typename Each> int each_word(int fd, uint64_t start, uint64_t end, Each each)
{
	std::vector<uint64_t> words(8192);

	while (start < end) {
		uint64_t want = (end - start) / PAGE;

		if (want > words.size())
			want = words.size();
		ssize_t n = pread(fd, words.data(), want * 8, static_cast<off_t>(start / PAGE * 8));
		if (n < 8)
			return n < 0 ? errno : EIO;
		for (ssize_t i = 0; i < n / 8; i++, start += PAGE)
			each(start, words[static_cast<size_t>(i)]);
	}
	return 0;
}

// As add(), for pages that PAGEMAP_SCAN reports as swapped out; leaves out the markers of only_marked().
int add_swapped(int fd, uint64_t start, uint64_t end, uint64_t index, Out &pages)
{
	return each_word(fd, start, end, [&](uint64_t page, uint64_t word) {
		if (!only_marked(word))
			add(pages, page, page + PAGE, index);
	});
}

// Scans a range with the masks and flags of `how` and calls `each` for every region, whose errno ends the scan. Returns
// 0 or an errno.
template <typename Each> int scan(int fd, uint64_t start, uint64_t end, pm_scan_arg how, Each each)
{
	std::vector<page_region> regions(how.return_mask ? 512 : 0);

	how.size = sizeof(how);
	how.end = end;
	how.vec = reinterpret_cast<uint64_t>(regions.data());
	how.vec_len = regions.size();
	for (how.start = start; how.start < end; how.start = how.walk_end) {
		int n = ioctl(fd, PAGEMAP_SCAN, &how);

		if (n < 0)
			return errno;
		for (int i = 0; i < n; i++)
			if (int e = each(regions[static_cast<size_t>(i)]))
				return e;
		if (how.walk_end <= how.start)
			return EIO;
	}
	return 0;
}

// Ranges of a call that follow each other without a gap. One PAGEMAP_SCAN covers all of them.
class Span {
public:
	Span(const Napi::BigUint64Array &ranges, size_t from) : ranges_(ranges), first_(from), last_(from)
	{
		while (last_ + 1 < ranges.ElementLength() / 2 && ranges[last_ * 2 + 1] == ranges[last_ * 2 + 2])
			last_++;
		at_ = first_;
	}

	uint64_t start() const { return ranges_[first_ * 2]; }
	uint64_t end() const { return ranges_[last_ * 2 + 1]; }
	size_t next() const { return last_ + 1; }

	// Splits a region at the borders of the ranges. Regions arrive by ascending address. Returns 0 or an errno.
	template <typename Each> int parts(const page_region &region, Each each)
	{
		for (uint64_t start = region.start; start < region.end;) {
			while (at_ < last_ && ranges_[at_ * 2 + 1] <= start)
				at_++;
			uint64_t end = region.end;

			if (at_ < last_ && ranges_[at_ * 2 + 1] < end)
				end = ranges_[at_ * 2 + 1];
			if (int error = each(start, end, at_))
				return error;
			start = end;
		}
		return 0;
	}

	void again() { at_ = first_; }

private:
	const Napi::BigUint64Array &ranges_;
	size_t first_, last_, at_;
};

int scan_pages(int fd, Span &span, Out &pages, Out &guards)
{
	// False once the kernel refused PAGE_IS_GUARD, which exists since Linux 6.15.
	static bool with_guards = true;
	pm_scan_arg how = {};

	how.category_inverted = how.category_mask = PAGE_IS_PFNZERO | PAGE_IS_FILE;
	how.category_anyof_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED;
	how.return_mask = PAGE_IS_SWAPPED | (with_guards ? PAGE_IS_GUARD : PAGE_IS_PRESENT);
	span.again();
	int error = scan(fd, span.start(), span.end(), how, [&](const page_region &r) {
		return span.parts(r, [&](uint64_t start, uint64_t end, uint64_t index) {
			if (r.categories & PAGE_IS_GUARD)
				add(guards, start, end, index);
			else if (r.categories & PAGE_IS_SWAPPED)
				return add_swapped(fd, start, end, index, pages);
			else
				add(pages, start, end, index);
			return 0;
		});
	});
	if (error == EINVAL && with_guards) {
		with_guards = false;
		return scan_pages(fd, span, pages, guards);
	}
	return error;
}

// Finds only guard regions (MADV_GUARD_INSTALL). Shared mappings may have them whatever their pages are.
int scan_guards(int fd, uint64_t start, uint64_t end, uint64_t index, Out &guards)
{
	pm_scan_arg how = {};

	how.category_mask = how.return_mask = PAGE_IS_GUARD;
	int error = scan(fd, start, end, how, [&](const page_region &r) {
		add(guards, r.start, r.end, index);
		return 0;
	});
	// Kernels before 6.15 have no guard regions, or do not report them.
	return error == EINVAL || error == ENOTTY ? 0 : error;
}

int read_one(int fd, uint64_t start, uint64_t end, uint64_t index, Out &pages)
{
	return each_word(fd, start, end, [&](uint64_t page, uint64_t word) {
		bool there = word >> 62 & 3, file = word >> 61 & 1;

		if (there && !file)
			add(pages, page, page + PAGE, index);
	});
}

// Opens /proc/PID/pagemap for the pid in the first argument of a call and runs `work` on it. Returns 0 or an errno.
template <typename Work> int with_pagemap(const Napi::CallbackInfo &info, Work work)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/pagemap", info[0].As<Napi::Number>().Int32Value());
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	int error = work(fd);
	close(fd);
	return error;
}

// As with_pagemap(), with a call for each range of the second argument (pairs of start and end).
template <typename Each> int each_range(const Napi::CallbackInfo &info, Each each)
{
	Napi::BigUint64Array ranges = info[1].As<Napi::BigUint64Array>();

	return with_pagemap(info, [&](int fd) {
		int error = 0;

		for (size_t i = 0; !error && i + 1 < ranges.ElementLength(); i += 2)
			error = each(fd, ranges[i], ranges[i + 1], i / 2);
		return error;
	});
}

// Runs of pages as columns. Adjacent runs whose ranges have the same flags are joined; ranges with flags 0 are only noted.
struct Columns {
	std::vector<double> starts, ends;
	std::vector<uint8_t> flags;
	std::vector<uint32_t> noted;

	Columns(const Out &pages, const Napi::Uint8Array &of_range)
	{
		for (size_t i = 0; i + 2 < pages.size(); i += 3) {
			double start = static_cast<double>(pages[i]), end = static_cast<double>(pages[i + 1]);
			uint8_t flag = of_range[static_cast<size_t>(pages[i + 2])];

			if (!flag) {
				noted.push_back(static_cast<uint32_t>(pages[i + 2]));
			} else if (!flags.empty() && ends.back() == start && flags.back() == flag) {
				ends.back() = end;
			} else {
				starts.push_back(start);
				ends.push_back(end);
				flags.push_back(flag);
			}
		}
	}
};

template <typename Array, typename Value> Array array_of(Napi::Env env, const std::vector<Value> &v)
{
	Array a = Array::New(env, v.size());

	std::copy(v.begin(), v.end(), a.Data());
	return a;
}

// pagemapScan(pid, ranges: pairs of (start, end), flags: of each range) -> { errno, starts, ends, flags, noted, guards }: a start, an
// end and flags for each run; indexes of ranges with flags 0 that have pages; guards: triples of (start, end, index of range)
Napi::Value pagemap_scan(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Object result = Napi::Object::New(env);
	Out pages, guards;
	Napi::BigUint64Array ranges = info[1].As<Napi::BigUint64Array>();
	int error = with_pagemap(info, [&](int fd) {
		int e = 0;

		for (size_t i = 0; !e && i < ranges.ElementLength() / 2;) {
			Span span(ranges, i);

			e = scan_pages(fd, span, pages, guards);
			i = span.next();
		}
		return e;
	});

	// Linux before 6.7 has no PAGEMAP_SCAN: nothing was scanned, so all words of pagemap are read.
	if (error == ENOTTY)
		error = each_range(info, [&](int fd, uint64_t start, uint64_t end, uint64_t index) {
			return read_one(fd, start, end, index, pages);
		});

	result.Set("errno", Napi::Number::New(env, error));
	Columns columns(pages, info[2].As<Napi::Uint8Array>());

	result.Set("starts", array_of<Napi::Float64Array>(env, columns.starts));
	result.Set("ends", array_of<Napi::Float64Array>(env, columns.ends));
	result.Set("flags", array_of<Napi::Uint8Array>(env, columns.flags));
	result.Set("noted", array_of<Napi::Uint32Array>(env, columns.noted));
	result.Set("guards", array_of<Napi::BigUint64Array>(env, guards));
	return result;
}

// runRanges(starts, ends, flags, bit) -> pairs of (address, length) of the runs whose flags have the bit
Napi::Value run_ranges(const Napi::CallbackInfo &info)
{
	Napi::Float64Array starts = info[0].As<Napi::Float64Array>(), ends = info[1].As<Napi::Float64Array>();
	Napi::Uint8Array flags = info[2].As<Napi::Uint8Array>();
	uint32_t bit = info[3].As<Napi::Number>().Uint32Value();
	Out out;

	for (size_t i = 0; i < flags.ElementLength(); i++) {
		if (!(flags[i] & bit))
			continue;
		out.push_back(static_cast<uint64_t>(starts[i]));
		out.push_back(static_cast<uint64_t>(ends[i] - starts[i]));
	}
	return array_of<Napi::BigUint64Array>(info.Env(), out);
}

// pagemapGuards(pid, ranges: pairs of (start, end)) -> { errno, guards }: triples of (start, end, index of range)
Napi::Value pagemap_guards(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Object result = Napi::Object::New(env);
	Out guards;
	int error = each_range(info, [&](int fd, uint64_t start, uint64_t end, uint64_t index) {
		return scan_guards(fd, start, end, index, guards);
	});

	result.Set("errno", Napi::Number::New(env, error));
	result.Set("guards", array_of<Napi::BigUint64Array>(env, guards));
	return result;
}

// pagemapBit(pid, ranges: pairs of (start, end), bit) -> { errno, set }: a byte for each page, 1 if its word in
// /proc/PID/pagemap has that bit
Napi::Value pagemap_bit(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Object result = Napi::Object::New(env);
	std::vector<uint8_t> set;
	unsigned bit = info[2].As<Napi::Number>().Uint32Value() & 63;
	int error = each_range(info, [&](int fd, uint64_t start, uint64_t end, uint64_t) {
		return each_word(fd, start, end, [&](uint64_t, uint64_t word) { set.push_back(word >> bit & 1); });
	});

	Napi::Uint8Array flags = Napi::Uint8Array::New(env, set.size());
	std::copy(set.begin(), set.end(), flags.Data());
	result.Set("errno", Napi::Number::New(env, error));
	result.Set("set", flags);
	return result;
}

// pagemapProtect(pid, ranges: pairs of (start, end)) -> errno: write-protects the existing pages of mappings that are
// registered with a userfaultfd with UFFD_FEATURE_WP_ASYNC
Napi::Value pagemap_protect(const Napi::CallbackInfo &info)
{
	const uint64_t WP_MATCHING = 1;
	int error = each_range(info, [&](int fd, uint64_t start, uint64_t end, uint64_t) {
		pm_scan_arg how = {};

		how.flags = WP_MATCHING;
		how.category_anyof_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED;
		return scan(fd, start, end, how, [](const page_region &) { return 0; });
	});

	return Napi::Number::New(info.Env(), error);
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("pagemapScan", Napi::Function::New(env, pagemap_scan, "pagemapScan"));
	exports.Set("runRanges", Napi::Function::New(env, run_ranges, "runRanges"));
	exports.Set("pagemapGuards", Napi::Function::New(env, pagemap_guards, "pagemapGuards"));
	exports.Set("pagemapProtect", Napi::Function::New(env, pagemap_protect, "pagemapProtect"));
	exports.Set("pagemapBit", Napi::Function::New(env, pagemap_bit, "pagemapBit"));
});

} // namespace
