/* SPDX-License-Identifier: GPL-2.0-only
 * Raw x86_64 system calls and the few kernel constants the agent needs without any libc.
 */
#ifndef AGENT_SYSCALL_H
#define AGENT_SYSCALL_H

#include <stddef.h>
#include <stdint.h>

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

#define sys3(nr, a, b, c) sys6(nr, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define sys4(nr, a, b, c, d) sys6(nr, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

#define NR_read 0
#define NR_write 1
#define NR_close 3
#define NR_poll 7
#define NR_fcntl 72
#define NR_mmap 9
#define NR_munmap 11
#define NR_rt_sigprocmask 14
#define NR_pread64 17
#define NR_pwrite64 18
#define NR_nanosleep 35
#define NR_sendmsg 46
#define NR_recvmsg 47
#define NR_exit 60
#define NR_wait4 61
#define NR_ptrace 101
#define NR_rt_sigtimedwait 128
#define NR_clock_gettime 228
#define NR_exit_group 231
#define NR_ppoll 271
#define NR_clone3 435

#define EINTR 4
#define EAGAIN 11
#define EINVAL 22
#define EFAULT 14
#define EPROTO 71
#define ETIMEDOUT 110
#define ESRCH 3
#define ENOENT 2
#define ECONNRESET 104
#define ESTALE 116
#define EMSGSIZE 90
#define ENOMEM 12
#define ENOSYS 38
#define ECHILD 10
#define EIO 5
#define EBADF 9

#define F_GETFD 1

static inline int failed(long r)
{
	return r < 0 && r >= -4095;
}

static inline void copy_bytes(void *dst, const void *src, size_t n)
{
	__asm__ volatile("rep movsb" : "+D"(dst), "+S"(src), "+c"(n) : : "memory");
}

static inline void zero_bytes(void *dst, size_t n)
{
	__asm__ volatile("rep stosb" : "+D"(dst), "+c"(n) : "a"(0) : "memory");
}

static inline long now_ms(void)
{
	long ts[2];

	sys3(NR_clock_gettime, 1, ts, 0);
	return ts[0] * 1000 + ts[1] / 1000000;
}

#endif
