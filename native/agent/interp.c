/* SPDX-License-Identifier: GPL-2.0-only
 *
 * The interpreter: runs the operations of one program in order and records the result of each.
 */
#include "agent.h"

_Static_assert(offsetof(struct agent_ctx, buffer) == AGENT_CTX_BUFFER, "entry.S");
_Static_assert(offsetof(struct agent_ctx, nr_out_fds) == AGENT_CTX_NR_OUT_FDS, "entry.S");

int64_t *agent_results(struct agent_prog *prog)
{
	uint64_t end = (uint64_t)(prog + 1) + (uint64_t)prog->nr_ops * sizeof(struct agent_op) + prog->data_size;

	return (int64_t *)((end + 7) & ~7ull);
}

static uint64_t operand(struct agent_ctx *ctx, char *data, const int64_t *results, unsigned kind, uint64_t word)
{
	if (kind == AGENT_IMM)
		return word;
	if (kind == AGENT_DATA)
		return (uint64_t)data + word;
	if (kind == AGENT_RESULT)
		return (uint64_t)(results[word & 0xffff] + ((int64_t)word >> 16));
	if (kind == AGENT_LOAD64)
		return *(uint64_t *)(data + word);
	if (kind == AGENT_LOAD32)
		return (uint64_t)(int64_t)*(int32_t *)(data + word);
	return ctx->self + word;
}

static long rw_full(uint32_t nr, long fd, uint64_t buf, uint64_t len, uint64_t offset)
{
	uint64_t done = 0;

	while (done < len) {
		long r = sys4(nr, fd, buf + done, len - done, offset + done);

		if (r == -EINTR)
			continue;
		if (failed(r))
			return r;
		if (r == 0)
			break;
		done += r;
	}
	return (long)done;
}

static long peek(uint64_t addr, uint64_t size)
{
	if (size == 1)
		return *(uint8_t *)addr;
	if (size == 2)
		return *(uint16_t *)addr;
	if (size == 4)
		return *(uint32_t *)addr;
	return *(int64_t *)addr;
}

static long poke(uint64_t addr, uint64_t value, uint64_t size)
{
	if (size == 1)
		*(volatile uint8_t *)addr = value;
	else if (size == 2)
		*(volatile uint16_t *)addr = value;
	else if (size == 4)
		*(volatile uint32_t *)addr = value;
	else
		*(volatile uint64_t *)addr = value;
	return 0;
}

/*
 * The awaited store of another thread usually comes sooner than the shortest timer: the first turns only call
 * sched_yield(2).
 */
#define YIELDS 100

static long sleep_poll(uint64_t addr, uint64_t mask, uint64_t value, long timeout_ms)
{
	long deadline;

	for (int i = 0; i < YIELDS && timeout_ms; i++) {
		if ((*(volatile uint32_t *)addr & mask) == value)
			return 0;
		sys3(__NR_sched_yield, 0, 0, 0);
	}
	deadline = now_ms() + timeout_ms;
	while ((*(volatile uint32_t *)addr & mask) != value) {
		if (now_ms() > deadline)
			return -ETIMEDOUT;
		/*
		 * nanosleep() cannot be used here: it would overwrite the restart block of a nanosleep() of the task
		 * that was interrupted.
		 */
		struct timespec pause = { 0, 100000 };

		sys6(__NR_ppoll, 0, 0, (long)&pause, 0, 0, 0);
	}
	return 0;
}

static long checksum(uint64_t addr, uint64_t len)
{
	const uint64_t *p = (const uint64_t *)addr;
	uint64_t h = 0xcbf29ce484222325ull;

	for (; len >= 8; len -= 8)
		h = (h ^ *p++) * 0x100000001b3ull;
	return (long)h;
}

static long execute(struct agent_ctx *ctx, const struct agent_op *op, const uint64_t *a)
{
	switch (op->code) {
	case AGENT_OP_SYSCALL:
		return sys6(op->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	case AGENT_OP_RW_FULL:
		return rw_full(op->nr, a[0], a[1], a[2], a[3]);
	case AGENT_OP_COPY:
		copy_bytes((void *)a[0], (const void *)a[1], a[2]);
		return 0;
	case AGENT_OP_PEEK:
		return peek(a[0], a[1]);
	case AGENT_OP_POKE:
		return poke(a[0], a[1], a[2]);
	case AGENT_OP_SEND_FD:
		if (ctx->nr_out_fds >= AGENT_MAX_FDS)
			return -EMSGSIZE;
		/* A closed descriptor would make sendmsg(2) refuse the whole reply. */
		if (failed(sys3(__NR_fcntl, a[0], F_GETFD, 0)))
			return -EBADF;
		ctx->out_fds[ctx->nr_out_fds] = (int)a[0];
		return ctx->nr_out_fds++;
	case AGENT_OP_SPAWN:
		return agent_spawn(ctx, a[0], a[1], (int)a[2]);
	case AGENT_OP_THREAD:
		return agent_thread(a[0], a[1], a[2]);
	case AGENT_OP_WAIT:
		return agent_wait(ctx, a[0], a[1], (int *)a[2]);
	case AGENT_OP_TRAP_RUN:
		return agent_trap_run(ctx, a[0], (struct agent_trap *)a[1]);
	case AGENT_OP_ADD:
		return (long)(a[0] + a[1]);
	case AGENT_OP_SLEEP_POLL:
		return sleep_poll(a[0], a[1], a[2], a[3]);
	case AGENT_OP_CHECKSUM:
		return checksum(a[0], a[1]);
	case AGENT_OP_STOP:
		return agent_stop(ctx, a[0], a[1], (int *)a[2], a[3]);
	case AGENT_OP_ARM:
		return agent_arm(ctx, a[0], a[1]);
	case AGENT_OP_CALL:
		return ((long (*)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t))a[0])(a[1], a[2], a[3], a[4], a[5]);
	case AGENT_OP_PAGES:
		return agent_pages((const struct agent_pages *)a[0], a[1], a[2], a[3], a[4],
				   (const struct iovec *)a[5]);
	default:
		return -ENOSYS;
	}
}

void agent_run(struct agent_ctx *ctx, struct agent_prog *prog)
{
	const struct agent_op *ops = (const struct agent_op *)(prog + 1);
	char *data = (char *)(ops + prog->nr_ops);
	int64_t *results = agent_results(prog);
	uint32_t i = 0;

	prog->failed_at = -1;
	prog->steps = 0;
	while (i < prog->nr_ops) {
		const struct agent_op *op = &ops[i];
		uint64_t a[6];
		int bad = 0;

		for (int k = 0; k < 6; k++)
			a[k] = operand(ctx, data, results, (op->kinds >> (4 * k)) & 15, op->arg[k]);
		results[i] = execute(ctx, op, a);
		prog->steps++;
		if (op->expect == AGENT_OK)
			bad = failed(results[i]);
		else if (op->expect == AGENT_EQ)
			bad = results[i] != op->expected;
		if (bad && !op->skip) {
			prog->failed_at = (int32_t)i;
			return;
		}
		i += bad ? op->skip : 1;
	}
}
