// SPDX-License-Identifier: GPL-2.0-only
// The kernel's own order of objects that processes have (kcmp(2)).
#pragma once

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace criu {

struct PlaceInOrder {
	// Of the object, or of the first that comes after it.
	size_t at;
	bool found;
	// That of a comparison that could not be made; then the others mean nothing.
	int error;
};

// Looks for an object among `count` others, which are in the kernel's order: `pid_of` and `fd_of` tell whose the others are.
// Descriptors are of no meaning but for KCMP_FILE.
template <typename PidOf, typename FdOf>
PlaceInOrder place_in_order(int type, int pid, int fd, size_t count, PidOf pid_of, FdOf fd_of)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		// 0: the same, 1: before it, 2: after it.
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
