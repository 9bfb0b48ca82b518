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
