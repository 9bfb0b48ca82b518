/* SPDX-License-Identifier: GPL-2.0-only
 *
 * Processor-specific parts of the agent: system calls, and copying of bytes without a C library.
 */
#ifndef ARCH_CALL_H
#define ARCH_CALL_H

#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>

/*
 * Number of the current system call of a stopped tracee. AGENT_MARK, which no kernel has, marks the end of a program
 * (AGENT_ENTRY_MARK).
 */
#define call_number(regs) ((regs)->orig_rax)

static inline long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

/* All general registers of a stopped tracee: struct user_regs_struct. */
#define get_registers(tid, regs) sys6(__NR_ptrace, PTRACE_GETREGS, tid, 0, (long)(regs), 0, 0)
#define set_registers(tid, regs) sys6(__NR_ptrace, PTRACE_SETREGS, tid, 0, (long)(regs), 0, 0)

static inline void copy_bytes(void *dst, const void *src, size_t n)
{
	__asm__ volatile("rep movsb" : "+D"(dst), "+S"(src), "+c"(n) : : "memory");
}

static inline void zero_bytes(void *dst, size_t n)
{
	__asm__ volatile("rep stosb" : "+D"(dst), "+c"(n) : "a"(0) : "memory");
}

#endif
