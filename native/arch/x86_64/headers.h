/* SPDX-License-Identifier: GPL-2.0-only
 * Where the constants of constants.list are declared, as far as uapi/headers.h does not.
 */
#pragma once
#include <asm/prctl.h>

/* struct sigaction of <asm/signal.h>, which does not go together with the C library's <signal.h>. */
#undef sa_handler
struct kernel_sigaction {
	void (*sa_handler)(int);
	unsigned long sa_flags;
	void (*sa_restorer)(void);
	unsigned long sa_mask;
};
