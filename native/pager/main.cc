// SPDX-License-Identifier: GPL-2.0-only
// The pager: a process that brings the memory of restored tasks after they run, by userfaultfd(2). It is told on descriptor 3
// what is missing and where it is, ends when all is in, and does not care what becomes of whoever started it.
#include "pager.h"

#include <deque>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace pager;

namespace {

// Those that only wait for faults, so that none waits for what nobody asked for; and those that do both.
const int FAULT_THREADS = 1, BOTH_THREADS = 3;
const size_t HINTS = 64;
const int CONTROL = 3;

struct Fault {
	std::shared_ptr<Memory> memory;
	uint64_t address;
};

std::mutex mutex; // of all below
std::condition_variable work;
std::deque<Fault> faults;
// Where tasks have missed something last, the latest first: what they will want next.
std::deque<Fault> hints;
std::vector<std::shared_ptr<Memory>> memories;
std::map<uint64_t, std::unique_ptr<Source>> sources;
std::atomic<bool> going{ false };
// Threads that are at it.
std::atomic<int> busy{ 0 };
size_t next_memory = 0;

int epoll;
std::map<int, std::shared_ptr<Memory>> by_uffd; // of the main thread

void forget(int uffd)
{
	for (int i = 0; i < shared->nr_uffds; i++)
		if (shared->uffds[i] == uffd)
			shared->uffds[i] = -1;
}

void watch_memory(const std::shared_ptr<Memory> &memory)
{
	epoll_event event = {};

	event.events = EPOLLIN;
	event.data.fd = memory->uffd;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, memory->uffd, &event))
		give_up("cannot watch a userfaultfd: %s", strerror(errno));
	int i = 0;
	while (i < shared->nr_uffds && shared->uffds[i] >= 0)
		i++;
	if (i == 65536)
		give_up("too many address spaces");
	shared->uffds[i] = memory->uffd;
	if (i == shared->nr_uffds)
		shared->nr_uffds++;
	by_uffd[memory->uffd] = memory;
	std::lock_guard<std::mutex> hold(mutex);
	memories.push_back(memory);
}

// ---- threads -------------------------------------------------------------------------------------------------------

// One piece that nobody waits for; false if there is none.
bool bring_more(std::unique_lock<std::mutex> &lock, std::vector<uint8_t> &buffer)
{
	while (!hints.empty()) {
		Fault hint = hints.front();

		hints.pop_front();
		lock.unlock();
		bool done = !hint.memory->gone && hint.memory->fill(hint.address, buffer);
		lock.lock();
		if (done)
			return true;
	}
	// Without the lock, the last of them may be done with.
	for (size_t tries = memories.size(); tries > 0 && !memories.empty(); tries--) {
		std::shared_ptr<Memory> memory = memories[next_memory++ % memories.size()];

		lock.unlock();
		bool done = !memory->gone && memory->fill(0, buffer);
		lock.lock();
		if (done)
			return true;
	}
	return false;
}

void run(bool background)
{
	std::vector<uint8_t> buffer(CHUNK);
	std::unique_lock<std::mutex> lock(mutex);

	for (;;) {
		if (!faults.empty()) {
			Fault fault = faults.front();

			faults.pop_front();
			hints.push_front({ fault.memory, fault.address });
			if (hints.size() > HINTS)
				hints.pop_back();
			busy++;
			lock.unlock();
			fault.memory->serve(fault.address, buffer);
			lock.lock();
			busy--;
		} else if (!background || !going)
			work.wait(lock);
		else {
			busy++;
			bool more = bring_more(lock, buffer);

			busy--;
			// The rest is on its way in other threads, or comes with an event.
			if (!more)
				work.wait_for(lock, std::chrono::milliseconds(5));
		}
	}
}

// ---- the main thread: messages and events --------------------------------------------------------------------------

// All of it; whoever sends a part of a message only is in no state to be trusted with more.
void need(void *to, size_t length, std::vector<int> &fds)
{
	if (!receive(to, length, fds))
		give_up("the message of the command is cut short");
}

int pagemap_of(int pidfd)
{
	char path[64];
	pid_t pid = pid_of(pidfd);

	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	return pid > 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
}

void add_memory(const pager_head &head, std::vector<int> &fds)
{
	std::vector<pager_range> ranges(head.count);
	std::vector<int> none;

	need(ranges.data(), ranges.size() * sizeof(pager_range), none);
	if (fds.empty())
		give_up("a memory came without its userfaultfd");
	auto memory = std::make_shared<Memory>(fds[0], head.arg, fds.size() > 1 ? pagemap_of(fds[1]) : -1);
	for (auto &r : ranges) {
		auto source = sources.find(r.source);

		if (source == sources.end() || r.start >= r.end || (r.start | r.end) % PAGE)
			give_up("bad range of task %llu", static_cast<unsigned long long>(head.arg));
		memory->add(r.start, { r.end, source->second.get(), r.offset });
	}
	if (fds.size() > 1) {
		if (shared->nr_tasks == 65536)
			give_up("too many tasks");
		shared->pidfds[shared->nr_tasks] = fds[1];
		shared->nr_tasks++;
	}
	watch_memory(memory);
}

// The command is gone, or has said what it had to.
void hang_up()
{
	int old = shared->control.exchange(-1);

	epoll_ctl(epoll, EPOLL_CTL_DEL, old, nullptr);
	close(old);
}

void obey()
{
	pager_head head;
	std::vector<int> fds;
	uint8_t first;

	if (recv(shared->control, &first, 1, MSG_PEEK) <= 0) {
		std::lock_guard<std::mutex> hold(mutex);

		if (going)
			return hang_up();
		// Its agents are gone with it, and the tasks with them; whatever is left must not run.
		give_up("the restore has ended before the tasks ran");
	}
	need(&head, sizeof(head), fds);
	if (head.magic != PAGER_MAGIC)
		give_up("what came is no message");
	switch (head.type) {
	case PAGER_LOG:
		shared->log_fd = fds.at(0);
		break;
	case PAGER_FILE:
	case PAGER_SERVER:
		sources[head.arg] = head.type == PAGER_FILE ? file_source(fds.at(0)) : server_source(fds.at(0));
		break;
	case PAGER_MEMORY:
		add_memory(head, fds);
		break;
	case PAGER_GO: {
		std::lock_guard<std::mutex> hold(mutex);

		going = true;
		answer(PAGER_GOING, 0, "");
		work.notify_all();
		break;
	}
	case PAGER_STOP:
		shared->finished = 1;
		_exit(0);
	default:
		give_up("unknown message %u", head.type);
	}
}

void take_events(const std::shared_ptr<Memory> &memory)
{
	std::vector<uint64_t> addresses;
	std::vector<std::shared_ptr<Memory>> born;

	memory->take_events(addresses, born);
	for (auto &child : born)
		watch_memory(child);
	if (addresses.empty())
		return;
	std::lock_guard<std::mutex> hold(mutex);
	for (uint64_t address : addresses)
		faults.push_back({ memory, address });
	work.notify_all();
}

// Lets go of memories that are complete. True when there are no more.
bool sweep()
{
	std::vector<std::shared_ptr<Memory>> all;
	{
		std::lock_guard<std::mutex> hold(mutex);

		if (!going)
			return false;
		all = memories;
	}
	for (auto &memory : all) {
		if (!memory->finish())
			continue;
		if (memory->bytes_missing())
			say("task %llu has ended, or runs another program: %llu bytes are not needed any more",
			    static_cast<unsigned long long>(memory->whose), static_cast<unsigned long long>(memory->bytes_missing()));
		forget(memory->uffd);
		by_uffd.erase(memory->uffd);
		// Whoever waits for a page of it looks again and finds it.
		epoll_ctl(epoll, EPOLL_CTL_DEL, memory->uffd, nullptr);
		close(memory->uffd);
		std::lock_guard<std::mutex> hold(mutex);
		for (size_t i = 0; i < memories.size(); i++)
			if (memories[i] == memory)
				memories.erase(memories.begin() + static_cast<long>(i));
	}
	std::lock_guard<std::mutex> hold(mutex);
	return memories.empty();
}

[[noreturn]] void finish()
{
	{
		std::lock_guard<std::mutex> hold(mutex);

		going = false;
	}
	// What was asked of a server twice is still to come, and not for whoever uses the connection next.
	while (busy)
		usleep(1000);
	say("all memory is there: %llu pages", static_cast<unsigned long long>(pages_in.load()));
	shared->finished = 1;
	answer(PAGER_DONE, pages_in, "");
	_exit(0);
}

// Wishes, no needs.
void be_hard_to_kill()
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	for (int signal : { SIGINT, SIGHUP, SIGQUIT, SIGPIPE, SIGTTOU, SIGTSTP })
		::signal(signal, SIG_IGN);
	if (fd >= 0) {
		if (write(fd, "-1000", 5) < 0)
			say("the kernel may choose the pager when memory runs out");
		close(fd);
	}
	prctl(PR_SET_NAME, "criu-pager");
}

} // namespace

// The second argument says what it is to be: 0 a pager, 1 a tracker.
int main(int argc, char **argv)
{
	epoll_event event = {};
	int guard;

	shared = static_cast<Shared *>(mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	if (shared == MAP_FAILED)
		return 1;
	shared->control = CONTROL;
	shared->log_fd = -1;
	// Nobody's child: whoever starts it neither waits for it nor leaves it behind as a zombie.
	switch (fork()) {
	case -1:
		return 1;
	case 0:
		break;
	default:
		_exit(0);
	}
	be_hard_to_kill();
	if (chdir("/"))
		return 1;
	answer(PAGER_STARTED, static_cast<uint64_t>(getpid()), "");
	if (argc > 2 && argv[2][0] == '1')
		track();
	guard = start_guard();
	epoll = epoll_create1(EPOLL_CLOEXEC);
	for (int fd : { CONTROL, guard }) {
		event.events = EPOLLIN;
		event.data.fd = fd;
		epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	}
	for (int i = 0; i < FAULT_THREADS + BOTH_THREADS; i++)
		std::thread(run, i >= FAULT_THREADS).detach();
	for (;;) {
		epoll_event events[64];
		int n = epoll_wait(epoll, events, 64, going ? 5 : -1);

		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			auto memory = by_uffd.find(fd);

			if (memory != by_uffd.end())
				take_events(std::shared_ptr<Memory>(memory->second));
			else if (fd == shared->control)
				obey();
			else if (fd == guard) {
				epoll_ctl(epoll, EPOLL_CTL_DEL, guard, nullptr);
				close(guard);
				waitpid(-1, nullptr, WNOHANG);
				say("the guard has ended: there is a new one");
				guard = start_guard();
				event.data.fd = guard;
				epoll_ctl(epoll, EPOLL_CTL_ADD, guard, &event);
			}
		}
		if (sweep())
			finish();
	}
}
