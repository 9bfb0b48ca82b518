// SPDX-License-Identifier: GPL-2.0-only
// clone3(2) for a child with its own stack. It shares memory with its parent, so it must not return on the parent's
// stack.
#pragma once
#include <stddef.h>
#include <sys/syscall.h>

// Returns the pid of the child, or -errno. The child calls `function`, which never returns.
inline long clone_into(void *args, size_t size, void (*function)(void *), void *argument)
{
	long ret;
	register void *keep __asm__("r12") = argument;
	register void (*fn)(void *) __asm__("r13") = function;

	__asm__ volatile("syscall\n\t"
			 "testq %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xorl %%ebp, %%ebp\n\t"
			 "movq %%r12, %%rdi\n\t"
			 "callq *%%r13\n\t"
			 "ud2\n"
			 "1:"
			 : "=a"(ret)
			 : "0"(SYS_clone3), "D"(args), "S"(size), "r"(keep), "r"(fn)
			 : "rcx", "r11", "memory");
	return ret;
}
