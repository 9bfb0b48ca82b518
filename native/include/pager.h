/* SPDX-License-Identifier: GPL-2.0-only
 *
 * Messages between a command and the pager on a stream socket. All fields have fixed widths; a message is a struct
 * pager_head followed by the data of its type. lib/abi.generated.ts has the numbers.
 */
#ifndef CRIU_PAGER_H
#define CRIU_PAGER_H

#include <stdint.h>

#define PAGER_MAGIC 0x52474150u /* "PAGR" */

enum pager_message {
	PAGER_LOG = 1,    /* fd: the log file, to which the pager appends messages */
	PAGER_FILE = 2,   /* fd: a file with pages, number `arg` as a source */
	PAGER_SERVER = 3, /* fd: a connected page server, number `arg` as a source, which sends pages on request */
	PAGER_MEMORY = 4, /* fds: a userfaultfd after UFFDIO_API with all ranges registered, and optionally a pidfd; `arg`: pid
			   * in the images; `count` times struct pager_range follow */
	PAGER_GO = 5,     /* the tasks run: the pager now also brings pages before faults. Answered by PAGER_GOING */
	PAGER_TOKEN = 7,  /* to a tracker: `arg` and `pad` are the twelve characters of its name */
	PAGER_STOP = 6,   /* the restore has failed and its tasks have ended: the pager exits */
};

enum pager_answer {
	PAGER_GOING = 1,
	PAGER_DONE = 2,   /* all pages are in place; `arg`: their number */
	PAGER_STARTED = 4, /* first message of the pager, sent without a request; `arg`: its pid */
	PAGER_FAILED = 3, /* the pager ends the tasks; `length` bytes of text follow */
};

struct pager_head {
	uint32_t magic;
	uint32_t type;  /* enum pager_message */
	uint32_t count; /* number of struct pager_range that follow */
	uint32_t pad;
	uint64_t arg;
};

/* A run of missing pages. */
struct pager_range {
	uint64_t start;  /* addresses in the task */
	uint64_t end;
	uint64_t source; /* number of a PAGER_FILE or PAGER_SERVER */
	uint64_t offset; /* location of the first page: its offset in the file, or its address for the server */
};

struct pager_reply {
	uint32_t magic;
	uint32_t type;   /* enum pager_answer */
	uint32_t length; /* bytes of text that follow */
	uint32_t pad;
	uint64_t arg;
};

#endif
