/* SPDX-License-Identifier: GPL-2.0-only
 *
 * Interfaces between the agent's source files.
 */
#ifndef AGENT_H
#define AGENT_H

#include "abi.h"
#include "kernel.h"

struct work;

/* interp.c: runs the program at ctx->buffer and writes its results behind its data. */
void agent_run(struct agent_ctx *ctx, struct agent_prog *prog);
/* Address of the results of a program: behind its operations and data, aligned to eight bytes. */
int64_t *agent_results(struct agent_prog *prog);

/* serve.c: receives and runs messages from ctx->control until the socket closes. */
void agent_serve(struct agent_ctx *ctx) __attribute__((noreturn));
/* Returns whether the other end of the control socket is closed. */
int agent_hung_up(struct agent_ctx *ctx);
long agent_arm(struct agent_ctx *ctx, uint64_t tag, uint64_t how);

/* spawn.c */
long agent_spawn(struct agent_ctx *ctx, uint64_t args, uint64_t size, int control);
long agent_thread(uint64_t args, uint64_t size, uint64_t ctx);

/* pages.c */
long agent_pages(const struct agent_pages *list, uint64_t count, uint64_t helpers, uint64_t stacks, uint64_t huge,
		 const struct iovec *vectors);
/* Reads all bytes of a part of a file. Returns 0 or an errno. */
long agent_read(int fd, uint64_t address, uint64_t length, uint64_t offset);

/* copy.c: what a thread needs that creates pages with their contents. */
struct agent_copier {
	int fd;       /* a userfaultfd, which threads may share; or an errno */
	void *buffer; /* null before its first use */
};
/* Returns a userfaultfd, or an errno if the kernel has none for this task. */
long agent_open_copier(void);
/*
 * Fills bytes `begin` to `end` of a part whose memory has no pages yet. Returns how far it got, which may be nowhere: what is
 * left has to be read into the memory.
 */
uint64_t agent_copy_in(struct agent_copier *copier, const struct agent_pages *part, uint64_t begin, uint64_t end);
/* Frees what the thread has; the userfaultfd stays open. */
void agent_close_copier(struct agent_copier *copier);

/* trace.c */
long agent_wait(struct agent_ctx *ctx, long tid, long timeout_ms, int *status);
long agent_stop(struct agent_ctx *ctx, long tid, long timeout_ms, int *status, uint64_t mode);
long agent_trap_run(struct agent_ctx *ctx, long tid, struct agent_trap *trap);

/* arch: entry.S */
extern char agent_text_start[];
extern char agent_text_end[];
extern char agent_serve_entry[];
void agent_jump(struct agent_ctx *ctx, uint64_t entry, uint64_t stack) __attribute__((noreturn));
long agent_clone3_thread(uint64_t args, uint64_t size, uint64_t ctx);
long agent_clone3_call(uint64_t args, uint64_t size, void (*function)(struct work *), struct work *argument);

#endif
