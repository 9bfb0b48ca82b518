// SPDX-License-Identifier: GPL-2.0-only
// One address space that is filled while its task runs: the pages that are missing, and the changes that the task makes meanwhile.
#include "pager.h"
#include "pagemap_scan.h"

#include <algorithm>
#include <errno.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace pager {

std::atomic<uint64_t> pages_in{ 0 };

// While a task changes its mappings, UFFDIO_COPY fails with EAGAIN, until the event of the change is read.
static const useconds_t AGAIN_US = 20;
// Between the start of mremap(2) and its event, the kernel finds a mapping at neither place (ENOENT). After so many tries it is
// taken for not being mapped at all, as with MADV_DONTFORK in a child.
static const int NOWHERE_TRIES = 50, NEXT_NOWHERE_TRIES = 4;
// So much is placed before the next look for guards. The kernel lets a page take the place of a guard: what is made between look
// and copy is lost, so that little has to lie between them.
static const uint64_t LOOK = 64 << 10;
// How long an allocation may fail, as at the limit of a memory cgroup, before the tasks are given up.
static const int MEMORY_TRIES = 3000;
static const useconds_t MEMORY_US = 10000;

namespace {
struct Shared_lock {
	pthread_rwlock_t *lock;
	explicit Shared_lock(pthread_rwlock_t *l) : lock(l) { pthread_rwlock_rdlock(lock); }
	~Shared_lock() { pthread_rwlock_unlock(lock); }
};
struct Exclusive_lock {
	pthread_rwlock_t *lock;
	explicit Exclusive_lock(pthread_rwlock_t *l) : lock(l) { pthread_rwlock_wrlock(lock); }
	~Exclusive_lock() { pthread_rwlock_unlock(lock); }
};
} // namespace

// ---- the map of missing pages: `mutex` is held ---------------------------------------------------------------------

std::map<uint64_t, Run>::iterator AddressSpace::containing(uint64_t address)
{
	auto it = missing.upper_bound(address);

	if (it == missing.begin())
		return missing.end();
	--it;
	return address < it->second.end ? it : missing.end();
}

// Splits the run that an address is inside of.
void AddressSpace::cut(uint64_t at)
{
	auto it = containing(at);

	if (it == missing.end() || it->first == at)
		return;
	Run tail = it->second;
	tail.offset += at - it->first;
	it->second.end = at;
	missing[at] = tail;
}

void AddressSpace::drop(uint64_t start, uint64_t end)
{
	cut(start);
	cut(end);
	missing.erase(missing.lower_bound(start), missing.lower_bound(end));
}

void AddressSpace::moved(uint64_t from, uint64_t to, uint64_t length)
{
	std::vector<std::pair<uint64_t, Run>> runs;

	cut(from);
	cut(from + length);
	for (auto it = missing.lower_bound(from); it != missing.end() && it->first < from + length;) {
		Run run = it->second;

		run.end = run.end - from + to;
		runs.emplace_back(it->first - from + to, run);
		it = missing.erase(it);
	}
	// mremap(2) has unmapped what was at the new place.
	drop(to, to + length);
	for (auto &run : runs)
		missing[run.first] = run.second;
}

// The parts of a run that are still missing and still have the contents that were fetched for it.
std::vector<std::pair<uint64_t, uint64_t>> AddressSpace::still(uint64_t start, uint64_t end, const Run &as)
{
	std::vector<std::pair<uint64_t, uint64_t>> out;
	std::lock_guard<std::mutex> hold(mutex);

	auto it = missing.upper_bound(start);

	// The run before may reach into the range.
	if (it != missing.begin() && std::prev(it)->second.end > start)
		--it;
	for (; it != missing.end() && it->first < end; ++it) {
		const Run &run = it->second;
		uint64_t from = std::max(it->first, start), to = std::min(run.end, end);

		if (run.source == as.source && run.offset + (from - it->first) == as.offset + (from - start))
			out.emplace_back(from, to);
	}
	return out;
}

uint64_t AddressSpace::bytes_missing()
{
	std::lock_guard<std::mutex> hold(mutex);
	uint64_t sum = 0;

	for (auto &run : missing)
		sum += run.second.end - run.first;
	return sum;
}

// ---- requests to the kernel: `order` is held shared ----------------------------------------------------------------

void AddressSpace::wake(uint64_t start, uint64_t length)
{
	uffdio_range range = { start, length };

	ioctl(uffd, UFFDIO_WAKE, &range);
}

AddressSpace::~AddressSpace()
{
	if (pagemap >= 0)
		close(pagemap);
}

// Takes guards that the task has made meanwhile (MADV_GUARD_INSTALL) off the map of missing pages: no event tells of them, UFFDIO_COPY
// would overwrite them, and their former contents are discarded by definition.
void AddressSpace::drop_guards(uint64_t start, uint64_t end)
{
	page_region found[16];

	while (pagemap >= 0 && start < end) {
		pm_scan_arg scan = {};

		scan.size = sizeof(scan);
		scan.start = start;
		scan.end = end;
		scan.vec = reinterpret_cast<uint64_t>(found);
		scan.vec_len = 16;
		scan.category_mask = scan.return_mask = PAGE_IS_GUARD;
		int n = ioctl(pagemap, PAGEMAP_SCAN, &scan);
		if (n < 0 || scan.walk_end <= start)
			return; // kernels before 6.15 show none
		std::lock_guard<std::mutex> hold(mutex);
		for (int i = 0; i < n; i++)
			drop(found[i].start, found[i].end);
		start = scan.walk_end;
	}
}

// Copies pages into the task. `again`, `nowhere`: the caller looks at the map of missing pages and tries again. `nowhere`: the first
// page left is not mapped, for good, or because it is being moved and the event is not there yet. `absent`: it is known to be for good.
AddressSpace::Copied AddressSpace::copy(uint64_t to, const uint8_t *data, uint64_t length, bool absent)
{
	bool one_by_one = false;

	for (int tries = 0; length;) {
		uffdio_copy request = {};

		request.dst = to;
		request.src = reinterpret_cast<uint64_t>(data);
		// One request covers one mapping only; the pages may be of several.
		request.len = one_by_one ? PAGE : length;
		int result = ioctl(uffd, UFFDIO_COPY, &request);
		int error = result ? errno : 0;
		uint64_t done = request.copy > 0 ? static_cast<uint64_t>(request.copy) : 0;

		if (!done && error == EAGAIN)
			return Copied::again;
		if (!done && error == ENOENT && request.len > PAGE) {
			one_by_one = true;
			continue;
		}
		if (!done && error == ENOENT && !absent)
			return Copied::nowhere;
		absent = false;
		if (!done && error == ENOMEM) {
			if (++tries > MEMORY_TRIES)
				give_up("there is no memory for pages of task %llu", static_cast<unsigned long long>(image_pid));
			usleep(MEMORY_US);
			continue;
		}
		if (!done && (error == ESRCH || error == ENOSPC)) {
			gone = true;
			return Copied::all;
		}
		if (!done && (error == EEXIST || error == ENOENT)) {
			// It is present already, or not mapped any more.
			wake(to, PAGE);
			done = PAGE;
		} else if (!done && error)
			give_up("cannot place page 0x%llx of task %llu: %s", static_cast<unsigned long long>(to),
				static_cast<unsigned long long>(image_pid), strerror(error));
		else
			pages_in += done / PAGE;
		std::lock_guard<std::mutex> hold(mutex);
		drop(to, to + done);
		to += done;
		data += done;
		length -= done;
	}
	return Copied::all;
}

// Fills a page that has no contents in the images; false if it has to be tried again.
bool AddressSpace::zero(uint64_t page)
{
	uffdio_zeropage request = {};

	request.range = { page, PAGE };
	if (!ioctl(uffd, UFFDIO_ZEROPAGE, &request))
		return true;
	if (errno == EAGAIN)
		return false;
	if (errno == ESRCH)
		gone = true;
	else if (errno == ENOMEM)
		return usleep(MEMORY_US), false;
	else if (errno == EEXIST || errno == ENOENT)
		wake(page, PAGE);
	else
		give_up("cannot place zero page 0x%llx of task %llu: %s", static_cast<unsigned long long>(page),
			static_cast<unsigned long long>(image_pid), strerror(errno));
	return true;
}

// ---- work of the threads -------------------------------------------------------------------------------------------

void AddressSpace::place(uint64_t start, uint64_t end, const Run &as, const uint8_t *data)
{
	int nowhere = 0, enough = NOWHERE_TRIES;

	while (!gone) {
		Copied copied = Copied::all;

		for (uint64_t at = start; at < end && !gone && copied == Copied::all; at += LOOK) {
			Shared_lock hold(&order);
			uint64_t to = std::min(at + LOOK, end);
			Run rest = as;

			rest.offset += at - start;
			drop_guards(at, to);
			for (auto &part : still(at, to, rest)) {
				copied = copy(part.first, data + (part.first - start), part.second - part.first, nowhere >= enough);
				if (gone || copied != Copied::all)
					break;
			}
		}
		if (copied == Copied::all)
			return;
		if (nowhere >= enough) {
			nowhere = 0;
			enough = NEXT_NOWHERE_TRIES;
		}
		nowhere = copied == Copied::nowhere ? nowhere + 1 : 0;
		usleep(AGAIN_US);
	}
}

void AddressSpace::serve(uint64_t address, std::vector<uint8_t> &buffer)
{
	uint64_t page = address & ~(PAGE - 1);

	for (;;) {
		uint64_t start = 0, end = 0;
		Run run = {};
		{
			std::lock_guard<std::mutex> hold(mutex);
			auto it = containing(page);

			if (it != missing.end()) {
				start = std::max(it->first, page & ~(AROUND - 1));
				end = std::min(it->second.end, (page & ~(AROUND - 1)) + AROUND);
				run = it->second;
				run.offset += start - it->first;
			}
		}
		if (gone)
			return;
		if (!end) {
			Shared_lock hold(&order);
			{
				std::lock_guard<std::mutex> look(mutex);

				if (containing(page) != missing.end())
					continue;
			}
			if (gone || zero(page))
				return;
		} else {
			run.source->fetch(image_pid, run.offset, buffer.data(), end - start);
			place(start, end, run, buffer.data());
			std::lock_guard<std::mutex> look(mutex);

			if (containing(page) == missing.end())
				return;
		}
		usleep(AGAIN_US);
	}
}

bool AddressSpace::fill(uint64_t from, std::vector<uint8_t> &buffer)
{
	uint64_t start, end;
	Run run;
	{
		std::lock_guard<std::mutex> hold(mutex);
		auto it = containing(from ? from : cursor);

		if (it == missing.end())
			it = missing.lower_bound(from ? from : cursor);
		if (it == missing.end())
			it = missing.begin();
		if (it == missing.end() || gone)
			return false;
		uint64_t at = from ? from : cursor;
		start = at > it->first && at < it->second.end ? at & ~(PAGE - 1) : it->first;
		end = std::min(it->second.end, (start & ~(CHUNK - 1)) + CHUNK);
		run = it->second;
		run.offset += start - it->first;
		cursor = end;
	}
	run.source->fetch(image_pid, run.offset, buffer.data(), end - start);
	place(start, end, run, buffer.data());
	return true;
}

bool AddressSpace::finish()
{
	Exclusive_lock hold(&order);
	pollfd waiting = { uffd, POLLIN, 0 };

	if (gone)
		return true;
	{
		std::lock_guard<std::mutex> look(mutex);

		if (!missing.empty())
			return false;
	}
	// The event of a fork may be unread: the child has missing pages, too.
	if (poll(&waiting, 1, 0) > 0 && waiting.revents & POLLIN)
		return false;
	gone = true;
	return true;
}

void AddressSpace::take_events(std::vector<uint64_t> &faults, std::vector<std::shared_ptr<AddressSpace>> &born)
{
	Exclusive_lock hold(&order);
	uffd_msg messages[16];

	if (gone)
		return;
	for (;;) {
		ssize_t n = read(uffd, messages, sizeof(messages));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0)
			give_up("cannot read events of task %llu: %s", static_cast<unsigned long long>(image_pid), strerror(errno));
		std::lock_guard<std::mutex> change(mutex);

		for (size_t i = 0; i < static_cast<size_t>(n) / sizeof(uffd_msg); i++) {
			const uffd_msg &m = messages[i];

			switch (m.event) {
			case UFFD_EVENT_PAGEFAULT:
				faults.push_back(m.arg.pagefault.address);
				break;
			case UFFD_EVENT_REMOVE:
			case UFFD_EVENT_UNMAP:
				drop(m.arg.remove.start, m.arg.remove.end);
				break;
			case UFFD_EVENT_REMAP:
				moved(m.arg.remap.from, m.arg.remap.to, m.arg.remap.len);
				break;
			case UFFD_EVENT_FORK: {
				auto child = std::make_shared<AddressSpace>(static_cast<int>(m.arg.fork.ufd), image_pid, -1);

				child->missing = missing;
				born.push_back(child);
				break;
			}
			default:
				give_up("unknown event %u of task %llu", m.event, static_cast<unsigned long long>(image_pid));
			}
		}
	}
}

} // namespace pager
