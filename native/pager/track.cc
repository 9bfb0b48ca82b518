// SPDX-License-Identifier: GPL-2.0-only
// The tracker: a process that only keeps userfaultfds open, by which the kernel notes the pages that tasks write to
// (UFFD_FEATURE_WP_ASYNC). It ends when all of the tasks have ended, or by SIGTERM; the mappings are as before then. A dump takes
// the descriptors by pidfd_getfd(2).
#include "pager.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pager {

// Descriptors of task k: its userfaultfd, and behind that a pidfd.
static const int FIRST = 100;

void track()
{
	std::vector<pollfd> tasks;
	rlimit most;
	sigset_t end;

	// The process that starts it has all signals blocked.
	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigprocmask(SIG_UNBLOCK, &end, nullptr);
	if (!getrlimit(RLIMIT_NOFILE, &most)) {
		most.rlim_cur = most.rlim_max;
		setrlimit(RLIMIT_NOFILE, &most);
	}
	for (;;) {
		pager_head head;
		std::vector<int> fds;

		if (!receive(&head, sizeof(head), fds) || head.magic != PAGER_MAGIC || head.type == PAGER_STOP)
			_exit(1);
		if (head.type == PAGER_GO)
			break;
		if (head.type == PAGER_TOKEN) {
			// A later dump finds the tracker by its name.
			char name[16] = "ct-";

			memcpy(name + 3, &head.arg, sizeof(head.arg));
			memcpy(name + 3 + sizeof(head.arg), &head.pad, sizeof(head.pad));
			prctl(PR_SET_NAME, name);
			continue;
		}
		if (head.type != PAGER_MEMORY || fds.size() != 2)
			_exit(1);
		int place = FIRST + 2 * static_cast<int>(tasks.size());
		if (dup3(fds[0], place, O_CLOEXEC) < 0 || dup3(fds[1], place + 1, O_CLOEXEC) < 0)
			_exit(1);
		close(fds[0]);
		close(fds[1]);
		tasks.push_back({ place + 1, POLLIN, 0 });
	}
	answer(PAGER_GOING, tasks.size(), "");
	close(shared->control);
	while (!tasks.empty()) {
		if (poll(tasks.data(), tasks.size(), -1) < 0)
			continue;
		for (size_t i = tasks.size(); i-- > 0;)
			if (tasks[i].revents) {
				close(tasks[i].fd);
				close(tasks[i].fd - 1);
				tasks.erase(tasks.begin() + static_cast<long>(i));
			}
	}
	_exit(0);
}

} // namespace pager
