// SPDX-License-Identifier: GPL-2.0-only
// The guard: a process that shares the descriptor table of the pager. When the last descriptor of a userfaultfd closes, the kernel
// fills missing pages with zeros. If the pager dies, the guard still has the userfaultfds open, and kills the tasks before it exits.
#include "pager.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pager {

Shared *shared;

namespace {

const int PATIENCE_MS = 10000;

// Pids of all descendants of a task.
void descendants(pid_t pid, std::vector<pid_t> &out)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	DIR *tasks = opendir(path);
	if (!tasks)
		return;
	while (dirent *entry = readdir(tasks)) {
		char name[320];

		snprintf(name, sizeof(name), "/proc/%d/task/%s/children", pid, entry->d_name);
		FILE *file = entry->d_name[0] == '.' ? nullptr : fopen(name, "re");
		if (!file)
			continue;
		for (int child; fscanf(file, "%d", &child) == 1;) {
			out.push_back(child);
			descendants(child, out);
		}
		fclose(file);
	}
	closedir(tasks);
}

} // namespace

pid_t pid_of(int pidfd)
{
	char path[64];
	int pid = -1;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	FILE *file = fopen(path, "re");
	if (!file)
		return -1;
	for (char line[128]; fgets(line, sizeof(line), file);)
		if (sscanf(line, "Pid: %d", &pid) == 1)
			break;
	fclose(file);
	return pid;
}

namespace {

void end_tasks()
{
	std::vector<pid_t> below;

	for (int i = 0; i < shared->nr_tasks; i++) {
		pid_t pid = pid_of(shared->pidfds[i]);

		if (pid > 0)
			descendants(pid, below);
	}
	for (int i = 0; i < shared->nr_tasks; i++)
		syscall(SYS_pidfd_send_signal, shared->pidfds[i], SIGKILL, nullptr, 0);
	for (pid_t pid : below)
		kill(pid, SIGKILL);
}

// Whether the address space of a userfaultfd still exists: then UFFDIO_ZEROPAGE fails with another error than ESRCH, as no mapping is
// that low.
bool alive(int uffd)
{
	uffdio_zeropage request = {};

	request.range = { 16 * PAGE, PAGE };
	return uffd >= 0 && (!ioctl(uffd, UFFDIO_ZEROPAGE, &request) || (errno != ESRCH && errno != EBADF));
}

// Waits until no process is left that could read zeros in place of its memory.
void wait_for_all()
{
	bool said = false;

	for (int waited = 0;; waited += 10) {
		bool any = false;

		for (int i = 0; i < shared->nr_uffds; i++)
			any = any || alive(shared->uffds[i]);
		if (!any)
			return;
		if (waited > PATIENCE_MS && !said) {
			say("processes that the tasks have made still have memory that is missing: they wait for it until they are killed");
			said = true;
		}
		usleep(said ? 1000000 : 10000);
	}
}

[[noreturn]] void watch(int pager)
{
	pollfd ended = { pager, POLLIN, 0 };

	prctl(PR_SET_NAME, "criu-pager-guard");
	while (poll(&ended, 1, -1) < 0 && errno == EINTR)
		;
	if (shared->finished)
		_exit(0);
	// A pager that gave up has logged its reason. Until the tasks are dead, their page faults wait: the userfaultfds are open here.
	say("the pager has ended before all memory was there: the restored tasks are ended");
	answer(PAGER_FAILED, 0, "the pager has ended before all memory was there: the restored tasks are ended");
	end_tasks();
	wait_for_all();
	_exit(1);
}

} // namespace

int start_guard()
{
	clone_args args = {};
	int guard = -1;

	int self = static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0));
	if (self < 0)
		give_up("cannot be watched: %s", strerror(errno));
	// CLONE_FILES: descriptors that the pager receives later are open in the guard, too.
	args.flags = CLONE_FILES | CLONE_PIDFD;
	args.pidfd = reinterpret_cast<uint64_t>(&guard);
	args.exit_signal = SIGCHLD;
	long pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		give_up("cannot start the guard: %s", strerror(errno));
	if (!pid)
		watch(self);
	return guard;
}

} // namespace pager
