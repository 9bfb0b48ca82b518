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
// Pages that come in one go without being asked for.
const uint64_t CHUNK = 256 << 10;
// Pages around one that a task waits for.
const uint64_t AROUND = 64 << 10;

// ---- say.cc: what is told, and to whom -----------------------------------------------------------------------------

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void answer(uint32_t type, uint64_t arg, const char *text);
// Tells why and ends; the guard then ends the tasks.
[[noreturn]] void give_up(const char *format, ...) __attribute__((format(printf, 1, 2)));

// ---- receive.cc: what the command sends ------------------------------------------------------------------------------

// So many bytes from the control socket, and the descriptors that came with them. False if it ends before.
bool receive(void *to, size_t length, std::vector<int> &fds);

// ---- source.cc: where pages come from ------------------------------------------------------------------------------

struct Source {
	virtual ~Source() = default;
	// All of a run of pages; gives up when it cannot be had. `whose`: pid as images have it.
	virtual void fetch(uint64_t whose, uint64_t offset, uint8_t *to, uint64_t length) = 0;
};
std::unique_ptr<Source> file_source(int fd);
std::unique_ptr<Source> server_source(int fd);

// ---- memory.cc: one address space ----------------------------------------------------------------------------------

struct Run {
	uint64_t end;
	Source *source;
	uint64_t offset;
};

class Memory {
public:
	// `pagemap`: /proc/PID/pagemap of its task, or -1.
	Memory(int uffd, uint64_t whose, int pagemap) : uffd(uffd), whose(whose), pagemap(pagemap)
	{
		pthread_rwlockattr_t writers_first;

		pthread_rwlockattr_init(&writers_first);
		pthread_rwlockattr_setkind_np(&writers_first, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
		pthread_rwlock_init(&order, &writers_first);
	}
	Memory(const Memory &) = delete;
	~Memory();
	const int uffd;
	const uint64_t whose;
	const int pagemap;
	std::atomic<bool> gone{ false };

	void add(uint64_t start, Run run) { missing[start] = run; }
	// Takes the events that came. Faults go to `faults`, address spaces of children to `born`.
	void take_events(std::vector<uint64_t> &faults, std::vector<std::shared_ptr<Memory>> &born);
	// Has the page of a fault come, and its neighbours.
	void serve(uint64_t address, std::vector<uint8_t> &buffer);
	// Brings the next missing pages from an address on, or from the lowest; false if nothing is missing.
	bool fill(uint64_t from, std::vector<uint8_t> &buffer);
	// Whether it is through: nothing is missing, and no event waits. Its ranges are free of us then.
	bool finish();
	uint64_t bytes_missing();

private:
	// Held shared from the look at `missing` to the end of the copy, and exclusively while an event is read: the
	// task that waits for the event goes on only then, and what it does next must not be undone by an old copy.
	pthread_rwlock_t order;
	std::mutex mutex; // of what follows
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

// ---- guard.cc: the process that ends the tasks if this one dies ----------------------------------------------------

// Shared with the guard.
struct Shared {
	// The control socket, -1 when nobody listens any more; and the log.
	std::atomic<int> control, log_fd;
	std::atomic<int> finished;
	std::atomic<int> nr_tasks;
	std::atomic<int> nr_uffds;
	int pidfds[65536];
	int uffds[65536];
};
extern Shared *shared;
pid_t pid_of(int pidfd);
// Before any thread is made. The result is a descriptor that can be read when the guard has ended.
int start_guard();

// ---- track.cc ------------------------------------------------------------------------------------------------------

[[noreturn]] void track();

} // namespace pager
