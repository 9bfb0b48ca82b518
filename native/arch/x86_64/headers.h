/* SPDX-License-Identifier: GPL-2.0-only
 *
 * Headers for constants.list in addition to those of uapi/headers.h.
 */
#pragma once
#include <asm/prctl.h>
#include <sys/user.h>
#ifndef ARCH_GET_UNTAG_MASK /* Linux 6.4 */
#define ARCH_GET_UNTAG_MASK 0x4001
#endif

/* struct sigaction of <asm/signal.h>, which does not go together with the C library's <signal.h>. */
#undef sa_handler
struct kernel_sigaction {
	void (*sa_handler)(int);
	unsigned long sa_flags;
	void (*sa_restorer)(void);
	unsigned long sa_mask;
};
