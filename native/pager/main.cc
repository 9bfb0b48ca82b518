// SPDX-License-Identifier: GPL-2.0-only
// The pager: a process that fills the memory of restored tasks while they run, by userfaultfd(2). Messages on descriptor 3 tell it
// which pages are missing and where their contents are. It ends when no page is missing, and outlives the restore that started it.
#include "pager.h"

#include <deque>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
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

// Threads that serve page faults only, so that a fault never waits for background work; and threads that do both.
const int FAULT_THREADS = 1, BOTH_THREADS = 3;
const size_t HINTS = 64;
const int CONTROL = 3;

struct Fault {
	std::shared_ptr<AddressSpace> space;
	uint64_t address;
};

std::mutex mutex; // protects what follows
std::condition_variable work;
std::deque<Fault> faults;
// Recent page faults, the latest first: pages near them are filled before all others.
std::deque<Fault> hints;
std::vector<std::shared_ptr<AddressSpace>> spaces;
std::map<uint64_t, std::unique_ptr<Source>> sources;
std::atomic<bool> going{ false };
// Threads that are serving a fault or filling pages.
std::atomic<int> busy{ 0 };
size_t next_space = 0;

int epoll;
std::map<int, std::shared_ptr<AddressSpace>> by_uffd; // used by the main thread only

void forget(int uffd)
{
	for (int i = 0; i < shared->nr_uffds; i++)
		if (shared->uffds[i] == uffd)
			shared->uffds[i] = -1;
}

void watch_space(const std::shared_ptr<AddressSpace> &space)
{
	epoll_event event = {};

	event.events = EPOLLIN;
	event.data.fd = space->uffd;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, space->uffd, &event))
		give_up("cannot watch a userfaultfd: %s", strerror(errno));
	int i = 0;
	while (i < shared->nr_uffds && shared->uffds[i] >= 0)
		i++;
	if (i == 65536)
		give_up("too many address spaces");
	shared->uffds[i] = space->uffd;
	if (i == shared->nr_uffds)
		shared->nr_uffds++;
	by_uffd[space->uffd] = space;
	std::lock_guard<std::mutex> hold(mutex);
	spaces.push_back(space);
}

// ---- threads -------------------------------------------------------------------------------------------------------

// Fills the next piece in the background; false if no page is missing.
bool bring_more(std::unique_lock<std::mutex> &lock, std::vector<uint8_t> &buffer)
{
	while (!hints.empty()) {
		Fault hint = hints.front();

		hints.pop_front();
		lock.unlock();
		bool done = !hint.space->gone && hint.space->fill(hint.address, buffer);
		lock.lock();
		if (done)
			return true;
	}
	// While the lock is not held, the main thread may remove address spaces.
	for (size_t tries = spaces.size(); tries > 0 && !spaces.empty(); tries--) {
		std::shared_ptr<AddressSpace> space = spaces[next_space++ % spaces.size()];

		lock.unlock();
		bool done = !space->gone && space->fill(0, buffer);
		lock.lock();
		if (done)
			return true;
	}
	return false;
}

// The command may have real-time priority, with which it finishes early. Threads that bring memory work for as long as some is
// missing, on all processors: with it, the tasks would not run until then.
void lose_priority()
{
	sched_param none = {};
	int policy = sched_getscheduler(0);

	if (policy == SCHED_FIFO || policy == SCHED_RR)
		sched_setscheduler(0, SCHED_OTHER, &none);
}

void run(bool background)
{
	lose_priority();
	std::vector<uint8_t> buffer(CHUNK);
	std::unique_lock<std::mutex> lock(mutex);

	for (;;) {
		if (!faults.empty()) {
			Fault fault = faults.front();

			faults.pop_front();
			hints.push_front({ fault.space, fault.address });
			if (hints.size() > HINTS)
				hints.pop_back();
			busy++;
			lock.unlock();
			fault.space->serve(fault.address, buffer);
			lock.lock();
			busy--;
		} else if (!background || !going)
			work.wait(lock);
		else {
			busy++;
			bool more = bring_more(lock, buffer);

			busy--;
			// Other threads are filling the rest, or an event will tell of more.
			if (!more)
				work.wait_for(lock, std::chrono::milliseconds(5));
		}
	}
}

// ---- the main thread: messages and events --------------------------------------------------------------------------

// Receives a whole message; a part of one means that the sender is broken.
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

void add_space(const pager_head &head, std::vector<int> &fds)
{
	std::vector<pager_range> ranges(head.count);
	std::vector<int> none;

	need(ranges.data(), ranges.size() * sizeof(pager_range), none);
	if (fds.empty())
		give_up("an address space came without its userfaultfd");
	auto space = std::make_shared<AddressSpace>(fds[0], head.arg, fds.size() > 1 ? pagemap_of(fds[1]) : -1);
	for (auto &r : ranges) {
		auto source = sources.find(r.source);

		if (source == sources.end() || r.start >= r.end || (r.start | r.end) % PAGE)
			give_up("bad range of task %llu", static_cast<unsigned long long>(head.arg));
		space->add(r.start, { r.end, source->second.get(), r.offset });
	}
	if (fds.size() > 1) {
		if (shared->nr_tasks == 65536)
			give_up("too many tasks");
		shared->pidfds[shared->nr_tasks] = fds[1];
		shared->nr_tasks++;
	}
	watch_space(space);
}

// Closes the control socket: the restore has ended.
void hang_up()
{
	int old = shared->control.exchange(-1);

	epoll_ctl(epoll, EPOLL_CTL_DEL, old, nullptr);
	close(old);
}

void take_message()
{
	pager_head head;
	std::vector<int> fds;
	uint8_t first;

	if (recv(shared->control, &first, 1, MSG_PEEK) <= 0) {
		std::lock_guard<std::mutex> hold(mutex);

		if (going)
			return hang_up();
		// The agents in the tasks died with the restore, and the tasks with them; the guard ends what is left.
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
		add_space(head, fds);
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

void take_events(const std::shared_ptr<AddressSpace> &space)
{
	std::vector<uint64_t> addresses;
	std::vector<std::shared_ptr<AddressSpace>> born;

	space->take_events(addresses, born);
	for (auto &child : born)
		watch_space(child);
	if (addresses.empty())
		return;
	std::lock_guard<std::mutex> hold(mutex);
	for (uint64_t address : addresses)
		faults.push_back({ space, address });
	work.notify_all();
}

// Closes the userfaultfds of address spaces that are complete. True when none is left.
bool sweep()
{
	std::vector<std::shared_ptr<AddressSpace>> all;
	{
		std::lock_guard<std::mutex> hold(mutex);

		if (!going)
			return false;
		all = spaces;
	}
	for (auto &space : all) {
		if (!space->finish())
			continue;
		if (space->bytes_missing())
			say("task %llu has ended, or runs another program: %llu bytes are not needed any more",
			    static_cast<unsigned long long>(space->image_pid), static_cast<unsigned long long>(space->bytes_missing()));
		forget(space->uffd);
		by_uffd.erase(space->uffd);
		// Closing a userfaultfd wakes threads that wait for a page, which then find it.
		epoll_ctl(epoll, EPOLL_CTL_DEL, space->uffd, nullptr);
		close(space->uffd);
		std::lock_guard<std::mutex> hold(mutex);
		for (size_t i = 0; i < spaces.size(); i++)
			if (spaces[i] == space)
				spaces.erase(spaces.begin() + static_cast<long>(i));
	}
	std::lock_guard<std::mutex> hold(mutex);
	return spaces.empty();
}

[[noreturn]] void finish()
{
	{
		std::lock_guard<std::mutex> hold(mutex);

		going = false;
	}
	// An answer of the page server that is still on its way must not be left to the next user of the connection.
	while (busy)
		usleep(1000);
	say("all memory is there: %llu pages", static_cast<unsigned long long>(pages_in.load()));
	shared->finished = 1;
	answer(PAGER_DONE, pages_in, "");
	_exit(0);
}

// Failures are tolerated: the pager works without.
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

// argv[2]: 0 for a pager, 1 for a tracker (track.cc).
int main(int argc, char **argv)
{
	epoll_event event = {};
	int guard;

	shared = static_cast<Shared *>(mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	if (shared == MAP_FAILED)
		return 1;
	shared->control = CONTROL;
	shared->log_fd = -1;
	// The parent exits at once, so that init reaps the pager: the restore neither waits for it nor leaves a zombie.
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
			auto space = by_uffd.find(fd);

			if (space != by_uffd.end())
				take_events(std::shared_ptr<AddressSpace>(space->second));
			else if (fd == shared->control)
				take_message();
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
