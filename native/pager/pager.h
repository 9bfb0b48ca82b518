// SPDX-License-Identifier: GPL-2.0-only
// Interfaces between the pager's own files.
#pragma once

#include "../include/pager.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <stdint.h>
#include <string>
#include <sys/types.h>
#include <vector>

namespace pager {

const uint64_t PAGE = 4096;
// Bytes that are filled in one go in the background.
const uint64_t CHUNK = 256 << 10;
// Bytes around a page fault that are filled with it.
const uint64_t AROUND = 64 << 10;

// ---- say.cc: messages to the log and the restore -------------------------------------------------------------------

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void answer(uint32_t type, uint64_t arg, const char *text);
// Logs the reason and exits; the guard then kills the tasks.
[[noreturn]] void give_up(const char *format, ...) __attribute__((format(printf, 1, 2)));

// ---- receive.cc: messages of the restore ---------------------------------------------------------------------------

// Reads exactly `length` bytes from the control socket; descriptors sent with them (SCM_RIGHTS) are appended to `fds`. False at an
// early end.
bool receive(void *to, size_t length, std::vector<int> &fds);

// ---- source.cc: where pages come from ------------------------------------------------------------------------------

struct Source {
	virtual ~Source() = default;
	// Reads a whole run of pages, or gives up. `image_pid`: pid of the task in the images.
	virtual void fetch(uint64_t image_pid, uint64_t offset, uint8_t *to, uint64_t length) = 0;
};
std::unique_ptr<Source> file_source(int fd);
std::unique_ptr<Source> server_source(int fd);

// ---- address_space.cc: one address space ---------------------------------------------------------------------------

struct Run {
	uint64_t end;
	Source *source;
	uint64_t offset;
};

class AddressSpace {
public:
	// `image_pid`: pid of the task in the images. `pagemap`: descriptor of /proc/PID/pagemap, or -1.
	AddressSpace(int uffd, uint64_t image_pid, int pagemap) : uffd(uffd), image_pid(image_pid), pagemap(pagemap)
	{
		pthread_rwlockattr_t writers_first;

		pthread_rwlockattr_init(&writers_first);
		pthread_rwlockattr_setkind_np(&writers_first, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
		pthread_rwlock_init(&order, &writers_first);
	}
	AddressSpace(const AddressSpace &) = delete;
	~AddressSpace();
	const int uffd;
	const uint64_t image_pid;
	const int pagemap;
	std::atomic<bool> gone{ false };

	void add(uint64_t start, Run run) { missing[start] = run; }
	// Reads the events of the userfaultfd. Addresses of faults go to `faults`, address spaces of forked children to `born`.
	void take_events(std::vector<uint64_t> &faults, std::vector<std::shared_ptr<AddressSpace>> &born);
	// Fills the page of a fault and its neighbours.
	void serve(uint64_t address, std::vector<uint8_t> &buffer);
	// Fills the next missing pages from an address on (0: from where it last was); false if none is missing.
	bool fill(uint64_t from, std::vector<uint8_t> &buffer);
	// Whether no page is missing and no event is unread; the userfaultfd can be closed then.
	bool finish();
	uint64_t bytes_missing();

private:
	// Held shared from the look at `missing` to the end of the copy, and exclusively while an event is read. Reading an event
	// lets the task go on that caused it; a copy that began earlier must not overwrite what this task does next.
	pthread_rwlock_t order;
	std::mutex mutex; // protects what follows
	std::map<uint64_t, Run> missing;
	uint64_t cursor = 0;

	std::map<uint64_t, Run>::iterator containing(uint64_t address);
	void cut(uint64_t at);
	void drop(uint64_t start, uint64_t end);
	void moved(uint64_t from, uint64_t to, uint64_t length);
	void place(uint64_t start, uint64_t end, const Run &as, const uint8_t *data);
	enum class Copied { all, again, nowhere };
	Copied copy(uint64_t to, const uint8_t *data, uint64_t length, bool absent);
	bool zero(uint64_t page);
	void wake(uint64_t start, uint64_t length);
	void drop_guards(uint64_t start, uint64_t end);
	std::vector<std::pair<uint64_t, uint64_t>> still(uint64_t start, uint64_t end, const Run &as);
};

extern std::atomic<uint64_t> pages_in;

// ---- guard.cc: the process that kills the tasks if the pager dies --------------------------------------------------

// Memory that pager and guard share.
struct Shared {
	// Descriptors of the control socket (-1 once the restore has ended) and of the log.
	std::atomic<int> control, log_fd;
	std::atomic<int> finished;
	std::atomic<int> nr_tasks;
	std::atomic<int> nr_uffds;
	int pidfds[65536];
	int uffds[65536];
};
extern Shared *shared;
pid_t pid_of(int pidfd);
// Has to be called before threads are made. Returns a pidfd of the guard, which polls as readable when it has ended.
int start_guard();

// ---- track.cc ------------------------------------------------------------------------------------------------------

[[noreturn]] void track();

} // namespace pager
