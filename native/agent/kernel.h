/* SPDX-License-Identifier: GPL-2.0-only
 *
 * System calls without a C library. Numbers, constants and structures come from the kernel's headers.
 */
#ifndef AGENT_KERNEL_H
#define AGENT_KERNEL_H

#include <stddef.h>
#include <stdint.h>
#include "../uapi/headers.h"
#include "call.h"

#define sys3(nr, a, b, c) sys6(nr, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define sys4(nr, a, b, c, d) sys6(nr, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

/* Size in bytes of the kernel's sigset_t, which is smaller than that of the C library. */
#define KERNEL_SIGSET 8

static inline int failed(long r)
{
	return r < 0 && r >= -4095;
}

static inline uint64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	sys3(__NR_clock_gettime, clock, &ts, 0);
	return (uint64_t)ts.tv_sec * 1000000000ul + (uint64_t)ts.tv_nsec;
}

static inline long now_ms(void)
{
	return (long)(now_ns(CLOCK_MONOTONIC) / 1000000);
}

#endif
