/* SPDX-License-Identifier: GPL-2.0-only
 *
 * Processes and threads that start as agents.
 */
#include "agent.h"

/* fork(2) semantics: the child has a copy of this region and serves its own control socket. */
long agent_spawn(struct agent_ctx *ctx, uint64_t args, uint64_t size, int control)
{
	long pid = sys3(__NR_clone3, args, size, 0);

	if (pid == 0) {
		if (ctx->control >= 0)
			sys3(__NR_close, ctx->control, 0, 0);
		ctx->hangups = 0;
		ctx->spare = 0;
		ctx->broken = 0;
		ctx->control = control;
		ctx->nr_out_fds = 0;
		agent_jump(ctx, (uint64_t)agent_serve_entry, ctx->self + AGENT_STACK_OFFSET + AGENT_STACK_SIZE);
	}
	/* The child detects the hang-up only after this copy of its control socket is closed. */
	sys3(__NR_close, control, 0, 0);
	return pid;
}

long agent_thread(uint64_t args, uint64_t size, uint64_t ctx)
{
	return agent_clone3_thread(args, size, ctx);
}
