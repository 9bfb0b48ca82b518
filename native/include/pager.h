/* SPDX-License-Identifier: GPL-2.0-only
 *
 * Messages between a command and the pager, on a stream socket. All fields are of fixed width; a message is a head and
 * then what its type says. lib/abi.generated.ts has the numbers.
 */
#ifndef CRIU_PAGER_H
#define CRIU_PAGER_H

#include <stdint.h>

#define PAGER_MAGIC 0x52474150u /* "PAGR" */

enum pager_message {
	PAGER_LOG = 1,    /* fd: messages are appended there */
	PAGER_FILE = 2,   /* fd: a file with pages, source number `arg` */
	PAGER_SERVER = 3, /* fd: a connected page server that gives pages when asked, source number `arg` */
	PAGER_MEMORY = 4, /* fds: a userfaultfd whose API is agreed and whose ranges are registered, and a pidfd or none;
			   * `arg`: pid as images have it; `count` times struct pager_range follow */
	PAGER_GO = 5,     /* the tasks run: pages may come without being asked for. Answered by PAGER_GOING */
	PAGER_TOKEN = 7,  /* to a tracker: `arg` and `pad` are the twelve characters of its name */
	PAGER_STOP = 6,   /* the restore has failed and its tasks are gone: nothing is to be done any more */
};

enum pager_answer {
	PAGER_GOING = 1,
	PAGER_DONE = 2,   /* all pages are in; `arg`: how many */
	PAGER_STARTED = 4, /* unasked, first of all; `arg`: its pid */
	PAGER_FAILED = 3, /* the tasks are ended; `length` bytes of text follow */
};

struct pager_head {
	uint32_t magic;
	uint32_t type;  /* enum pager_message */
	uint32_t count; /* entries that follow */
	uint32_t pad;
	uint64_t arg;
};

/* A run of pages that are not there yet. */
struct pager_range {
	uint64_t start;  /* addresses in the task */
	uint64_t end;
	uint64_t source; /* number of a PAGER_FILE or PAGER_SERVER */
	uint64_t offset; /* place of the first page: offset in the file, or its address as the server knows it */
};

struct pager_reply {
	uint32_t magic;
	uint32_t type;   /* enum pager_answer */
	uint32_t length; /* bytes of text that follow */
	uint32_t pad;
	uint64_t arg;
};

#endif
