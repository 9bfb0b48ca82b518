/* SPDX-License-Identifier: GPL-2.0-only
 * System calls of x86_64 without a C library. A result in [-4095, -1] is a negated errno.
 * Any call: compel_syscall(__NR_name, ...); the most used ones have wrappers with types.
 */
#ifndef COMPEL_SYSCALL_H
#define COMPEL_SYSCALL_H

#include <asm/unistd.h>
#include <stddef.h>
#include <stdint.h>

static inline long compel_syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall" : "=a"(ret) : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

/* Missing arguments are 0. */
#define compel_syscall(...) COMPEL_SYSCALL_(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
#define COMPEL_SYSCALL_(nr, a, b, c, d, e, f, ...) \
	compel_syscall6((nr), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

static inline int compel_failed(long result)
{
	return result < 0 && result >= -4095;
}

static inline long sys_read(int fd, void *buf, size_t n) { return compel_syscall(__NR_read, fd, buf, n); }
static inline long sys_write(int fd, const void *buf, size_t n) { return compel_syscall(__NR_write, fd, buf, n); }
static inline long sys_openat(int dir, const char *path, int flags, int mode)
{
	return compel_syscall(__NR_openat, dir, path, flags, mode);
}
static inline long sys_close(int fd) { return compel_syscall(__NR_close, fd); }
static inline long sys_dup2(int from, int to) { return compel_syscall(__NR_dup2, from, to); }
static inline long sys_lseek(int fd, long offset, int whence) { return compel_syscall(__NR_lseek, fd, offset, whence); }
static inline long sys_fcntl(int fd, int cmd, long arg) { return compel_syscall(__NR_fcntl, fd, cmd, arg); }
static inline long sys_mmap(void *addr, size_t n, int prot, int flags, int fd, long offset)
{
	return compel_syscall(__NR_mmap, addr, n, prot, flags, fd, offset);
}
static inline long sys_munmap(void *addr, size_t n) { return compel_syscall(__NR_munmap, addr, n); }
static inline long sys_mprotect(void *addr, size_t n, int prot) { return compel_syscall(__NR_mprotect, addr, n, prot); }
static inline long sys_getpid(void) { return compel_syscall(__NR_getpid); }
static inline long sys_gettid(void) { return compel_syscall(__NR_gettid); }
static inline long sys_sched_yield(void) { return compel_syscall(__NR_sched_yield); }
/* A pause that, unlike nanosleep(), leaves alone what an interrupted sleep of the task will be restarted with. */
static inline long sys_pause_ms(long ms)
{
	long ts[2] = { ms / 1000, ms % 1000 * 1000000 };

	return compel_syscall(__NR_ppoll, 0, 0, ts, 0, 0);
}

#endif
