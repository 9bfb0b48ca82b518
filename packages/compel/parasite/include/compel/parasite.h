/* SPDX-License-Identifier: GPL-2.0-only
 * What a parasite is made with: commands, log, descriptors, a page shared with the program that injected it.
 *
 *	#include <compel/parasite.h>
 *
 *	struct range { long from, to, sum; };
 *	COMPEL_COMMAND(sum, struct range)
 *	{
 *		for (long i = arg->from; i < arg->to; i++)
 *			arg->sum += i;
 *		compel_log("summed up to %d", arg->to);
 *		return 0;
 *	}
 *
 * A command runs in a thread of the task, with all its signals blocked, on a stack of 16 KiB. `arg` comes from the
 * caller and goes back to it with what the command wrote there. There is no C library, no errno and no thread-local
 * storage: those are the task's.
 */
#ifndef COMPEL_PARASITE_H
#define COMPEL_PARASITE_H

#include <compel/string.h>
#include <compel/syscall.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define COMPEL_PAGE_SIZE 4096
#define COMPEL_MAX_FDS 64

/* Behind the header: arg, its size, the descriptors that the caller sent, and how many. */
#define COMPEL_COMMAND(name, type) \
	__attribute__((used, section(".compel.args"))) char compel_arg_##name[sizeof(type)]; \
	__attribute__((used)) long compel_cmd_##name(type *arg, size_t size, const int *fds, unsigned nr_fds); \
	long compel_cmd_##name(type *arg __attribute__((unused)), size_t size __attribute__((unused)), \
			       const int *fds __attribute__((unused)), unsigned nr_fds __attribute__((unused)))

/* One line of log; %s %d %u %x %p %c and %% with l, ll and z. */
void compel_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
int compel_vsnprintf(char *buf, size_t size, const char *format, va_list args);

/* Sends a descriptor to the caller, which gets it when the command is over. 0, or -1 when there are too many. */
int compel_send_fd(int fd);

/* The page that both sides read and write at any time. */
extern char compel_page[COMPEL_PAGE_SIZE];

#endif
