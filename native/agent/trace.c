/* SPDX-License-Identifier: GPL-2.0-only
 * What a tracer needs beyond plain system calls: waiting with a time limit, and letting a tracee run until
 * it comes back. SIGCHLD is blocked in a tracing agent, so that rt_sigtimedwait() wakes on every stop.
 */
#include "agent.h"

#define WALL 0x40000000
#define WNOHANG 1
#define PTRACE_CONT 7
#define PTRACE_SINGLESTEP 9
#define PTRACE_GETSIGINFO 0x4202
#define PTRACE_GETREGS 12
#define PTRACE_SETREGS 13
#define PTRACE_EVENT_STOP 128
#define SIGTRAP 5
#define SIGCHLD 17

long agent_wait(long tid, long timeout_ms, int *status)
{
	const uint64_t chld = 1ull << (SIGCHLD - 1);
	long deadline = now_ms() + timeout_ms;

	for (;;) {
		long r = sys4(NR_wait4, tid, status, WALL | WNOHANG, 0);
		long left, ts[2];

		if (r != 0)
			return r;
		left = deadline - now_ms();
		if (left <= 0)
			return -ETIMEDOUT;
		/* A stop that the kernel merged with an earlier pending SIGCHLD must not cost more than this. */
		if (left > 5)
			left = 5;
		ts[0] = 0;
		ts[1] = left * 1000000;
		sys4(NR_rt_sigtimedwait, &chld, 0, ts, 8);
	}
}

/* 0: stopped where asked; -ESRCH: died; the rest as ptrace and wait say. */
long agent_trap_run(long tid, struct agent_trap *trap)
{
	long request = trap->mode == AGENT_TRAP_STEP ? PTRACE_SINGLESTEP : PTRACE_CONT;
	long r = sys4(NR_ptrace, PTRACE_SETREGS, tid, 0, trap->regs);

	if (failed(r))
		return r;
	trap->other_stops = 0;
	trap->held_signal = 0;
	for (;;) {
		int status = 0, signal, event;

		r = sys4(NR_ptrace, request, tid, 0, 0);
		if (failed(r))
			return r;
		r = agent_wait(tid, trap->timeout_ms, &status);
		if (failed(r))
			return r;
		if ((status & 0xff) != 0x7f)
			return -ESRCH;
		signal = (status >> 8) & 0xff;
		event = status >> 16;
		if (event == 0 && signal == SIGTRAP) {
			int info[32];

			r = sys4(NR_ptrace, PTRACE_GETSIGINFO, tid, 0, info);
			/* int3 is SI_KERNEL (0x80), a step TRAP_TRACE or TRAP_BRKPT; a SIGTRAP that somebody sent is neither. */
			if (!failed(r) && info[2] > 0)
				return sys4(NR_ptrace, PTRACE_GETREGS, tid, 0, trap->regs);
		}
		/* Only SIGSTOP can be about to be delivered, all else is blocked; the caller sends it again later.
		 * A group stop (PTRACE_EVENT_STOP) is left behind by going on. */
		if (event == 0 && signal != SIGTRAP) {
			/* A fault inside the agent would repeat for ever. */
			if (signal == 11 || signal == 7 || signal == 4 || signal == 8) {
				sys4(NR_ptrace, PTRACE_GETSIGINFO, tid, 0, trap->siginfo);
				sys4(NR_ptrace, PTRACE_GETREGS, tid, 0, trap->regs);
				trap->held_signal = signal;
				return -EFAULT;
			}
			sys4(NR_ptrace, PTRACE_GETSIGINFO, tid, 0, trap->siginfo);
			trap->held_signal = signal;
		}
		if (++trap->other_stops > 1000)
			return -EIO;
	}
}
