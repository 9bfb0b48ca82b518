/* SPDX-License-Identifier: GPL-2.0-only
 *
 * Operations of a tracer that need more than one system call: waiting with a time limit, stopping a task, and resuming
 * a tracee until its next stop. A tracing agent blocks SIGCHLD, so that rt_sigtimedwait() returns at each stop.
 */
#include "agent.h"

#define SYSCALL_STOP (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */
#define PATIENCE_MS 5000 /* limit for a stop that was already requested */

#define PTRACE(request, tid, data) sys4(__NR_ptrace, request, tid, 0, data)

/* A negative time limit checks once and does not wait. */
long agent_wait(struct agent_ctx *ctx, long tid, long timeout_ms, int *status)
{
	const uint64_t chld = 1ull << (SIGCHLD - 1);
	struct timespec pause = { 0, 0 };
	long deadline = 0, left;

	for (;;) {
		long r = sys4(__NR_wait4, tid, status, __WALL | WNOHANG, 0);

		if (r != 0)
			return r;
		if (timeout_ms < 0)
			return -ETIMEDOUT;
		if (!deadline)
			deadline = now_ms() + timeout_ms;
		left = deadline - now_ms();
		if (left <= 0)
			return -ETIMEDOUT;
		/*
		 * The kernel merges SIGCHLD with one that is already pending: a missed signal then costs at most 5 ms.
		 */
		if (left > 5)
			left = 5;
		pause.tv_nsec = left * 1000000;
		if (sys4(__NR_rt_sigtimedwait, &chld, 0, &pause, KERNEL_SIGSET) == -EAGAIN && agent_hung_up(ctx))
			return -ECONNRESET;
	}
}

long agent_stop(struct agent_ctx *ctx, long tid, long timeout_ms, int *status, uint64_t mode)
{
	struct user_regs_struct regs;

	if (mode == AGENT_STOP_ANY) {
		long r = agent_wait(ctx, tid, -1, status);

		if (r == -ETIMEDOUT && !failed(get_registers(tid, &regs)))
			return 0;
		if (r != -ETIMEDOUT)
			return r < 0 ? r : WIFSTOPPED(*status) ? 0 : -ESRCH;
		PTRACE(PTRACE_INTERRUPT, tid, 0);
	}
	for (;;) {
		long r = agent_wait(ctx, tid, timeout_ms, status);
		int signal, event;

		if (failed(r))
			return r;
		if (!WIFSTOPPED(*status))
			return -ESRCH;
		signal = WSTOPSIG(*status);
		event = *status >> 16;
		if (mode == AGENT_STOP_ANY || event == PTRACE_EVENT_STOP)
			return 0;
		/*
		 * The tracee has stopped to receive a signal. Any stop clears the requested interrupt; with a new one
		 * pending the tracee takes the signal and stops again before it runs an instruction.
		 */
		PTRACE(PTRACE_INTERRUPT, tid, 0);
		PTRACE(PTRACE_CONT, tid, event || signal == SYSCALL_STOP ? 0 : signal);
	}
}

static int is_fault(int signal)
{
	return signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGFPE || signal == SIGSYS ||
	       signal == SIGTRAP;
}

/* Examines a stop of the tracee. Returns 1 for the awaited stop, 0 to resume the tracee, or -errno. */
static long examine(long tid, struct agent_trap *trap, int status, int *syscall_stops)
{
	int signal = WSTOPSIG(status), event = status >> 16;
	siginfo_t info;

	if (!WIFSTOPPED(status))
		return -ESRCH;
	if (event == PTRACE_EVENT_EXEC)
		return -ESTALE;
	/* A group stop, or an interrupt left over from PTRACE_SEIZE: the tracee is resumed. */
	if (event)
		return 0;
	if (signal == SYSCALL_STOP) {
		struct user_regs_struct *regs = (struct user_regs_struct *)trap->regs;

		if (trap->mode == AGENT_TRAP_SYSCALL)
			return ++*syscall_stops == 2;
		if (trap->mode == AGENT_TRAP_MARK && !failed(get_registers(tid, regs)))
			return call_number(regs) == AGENT_MARK && ++*syscall_stops == 2;
		return 0;
	}
	if (is_fault(signal)) {
		long r = PTRACE(PTRACE_GETSIGINFO, tid, &info);

		/*
		 * si_code is above 0 for faults that the kernel has raised, and 0 or less for signals that a process
		 * has sent.
		 */
		if (!failed(r) && info.si_code > 0) {
			if (signal == SIGTRAP && trap->mode == AGENT_TRAP_BREAK)
				return 1;
			trap->fault = signal;
			if (trap->siginfo)
				copy_bytes((void *)trap->siginfo, &info, sizeof(info));
			return -EFAULT;
		}
	}
	trap->held |= 1ull << (signal - 1);
	return 0;
}

/*
 * Returns 0: stopped as requested; -ESRCH: the tracee died; -EFAULT: it crashed; -ESTALE: it called execve();
 * -ETIMEDOUT: stopped elsewhere at the time limit, or still running (AGENT_TRAP_LEAVE); -ECONNRESET: stopped after the
 * hang-up.
 */
long agent_trap_run(struct agent_ctx *ctx, long tid, struct agent_trap *trap)
{
	long request = trap->mode == AGENT_TRAP_BREAK ? PTRACE_CONT : PTRACE_SYSCALL;
	int running = trap->flags & AGENT_TRAP_RUNNING, syscall_stops = 0;
	long r;

	trap->other_stops = 0;
	trap->fault = 0;
	if (!running) {
		r = set_registers(tid, trap->regs);
		if (failed(r))
			return r;
	}
	for (;;) {
		int status = 0;

		if (!running) {
			r = PTRACE(request, tid, 0);
			if (failed(r))
				return r;
		}
		running = 0;
		do
			r = agent_wait(ctx, tid, trap->timeout_ms, &status);
		/*
		 * A hang-up does not end the wait here: one system call takes little time, and registers read in its
		 * middle would be wrong.
		 */
		while (r == -ECONNRESET && trap->mode == AGENT_TRAP_SYSCALL);
		if (r == -ETIMEDOUT || r == -ECONNRESET) {
			long why = r;

			if ((trap->flags & AGENT_TRAP_LEAVE) && r == -ETIMEDOUT)
				return r;
			r = agent_stop(ctx, tid, PATIENCE_MS, &status, AGENT_STOP_ANY);
			if (!failed(r))
				get_registers(tid, trap->regs);
			return failed(r) ? r : why;
		}
		if (failed(r))
			return r;
		r = examine(tid, trap, status, &syscall_stops);
		if (r == 1 || r == -EFAULT || r == -ESTALE) {
			long got = get_registers(tid, trap->regs);

			return failed(got) ? got : r == 1 ? 0 : r;
		}
		if (failed(r))
			return r;
		if (++trap->other_stops > 10000)
			return -EIO;
	}
}
