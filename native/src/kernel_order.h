// SPDX-License-Identifier: GPL-2.0-only
// Binary search in the order that kcmp(2) defines for kernel objects of processes.
#pragma once

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace criu {

struct PlaceInOrder {
	// Index of the equal object, or of the first one behind it.
	size_t at;
	bool found;
	// errno of a comparison that failed, else 0. After a failure the other fields have no meaning.
	int error;
};

// Searches an object among `count` others that are in the order of kcmp(2). `pid_of` and `fd_of` return the process and
// the descriptor of each of them; descriptors matter for KCMP_FILE only.
template <typename PidOf, typename FdOf>
PlaceInOrder place_in_order(int type, int pid, int fd, size_t count, PidOf pid_of, FdOf fd_of)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		// kcmp(2) returns 0 for the same object, 1 if the first is below the second, 2 if it is above.
		long order = syscall(SYS_kcmp, pid, pid_of(middle), type, fd, fd_of(middle));

		if (order == 0)
			return { middle, true, 0 };
		if (order == 1)
			high = middle;
		else if (order == 2)
			low = middle + 1;
		else
			return { 0, false, order < 0 ? errno : EIO };
	}
	return { low, false, 0 };
}

} // namespace criu
