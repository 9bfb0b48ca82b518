// SPDX-License-Identifier: GPL-2.0-only
// Functions that the static libstdc++ of a new compiler takes from a glibc newer than 2.28, for the addon only.
#include <stdlib.h>
#include <sys/random.h>

#define HIDDEN __attribute__((visibility("hidden")))

// glibc 2.32: whether the process never had a second thread, so that reference counts need no atomic instructions.
// False, since Node always has threads.
HIDDEN char __libc_single_threaded;

// glibc 2.36: a random number.
HIDDEN unsigned int arc4random(void)
{
	unsigned int value;
	if (getrandom(&value, sizeof(value), 0) != sizeof(value))
		abort();
	return value;
}
