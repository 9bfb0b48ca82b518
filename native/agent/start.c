/* SPDX-License-Identifier: GPL-2.0-only
 *
 * Entry point of the agent as a program of its own: `agent CONTROL_FD BUFFER_BYTES`. It allocates an agent region
 * outside of the mappings of the ELF file and serves from there, so that these mappings can be removed.
 */
#include "agent.h"

static uint64_t number(const char *s)
{
	uint64_t n = 0;

	while (*s >= '0' && *s <= '9')
		n = n * 10 + (uint64_t)(*s++ - '0');
	return n;
}

void program_main(long *stack) __attribute__((noreturn, used));
void program_main(long *stack)
{
	char **argv = (char **)(stack + 1);
	uint64_t size, region;
	uint64_t all = ~0ull;
	struct agent_ctx *ctx;

	if (stack[0] < 3)
		sys3(__NR_exit_group, 2, 0, 0);
	/* No signal may interrupt an agent. The last step of a restore replaces this mask by that of the task. */
	sys4(__NR_rt_sigprocmask, SIG_SETMASK, &all, 0, KERNEL_SIGSET);
	size = AGENT_BUFFER_OFFSET + ((number(argv[2]) + 4095) & ~4095ull);
	region = sys6(__NR_mmap, 0, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (failed(region))
		sys3(__NR_exit_group, 3, 0, 0);
	copy_bytes((void *)(region + AGENT_TEXT_OFFSET), agent_text_start, agent_text_end - agent_text_start);
	ctx = (struct agent_ctx *)region;
	ctx->self = region;
	ctx->region_size = size;
	ctx->buffer = region + AGENT_BUFFER_OFFSET;
	ctx->buffer_size = size - AGENT_BUFFER_OFFSET;
	ctx->control = (int32_t)number(argv[1]);
	agent_jump(ctx, region + AGENT_TEXT_OFFSET + (agent_serve_entry - agent_text_start),
		   region + AGENT_STACK_OFFSET + AGENT_STACK_SIZE);
}
