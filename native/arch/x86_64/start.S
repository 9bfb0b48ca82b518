/* SPDX-License-Identifier: GPL-2.0-only
 * Where the kernel starts a program without a libc (the agent, first-request): the stack has the arguments.
 */
	.section .text.start, "ax"
	.globl _start
_start:
	xorl	%ebp, %ebp
	movq	%rsp, %rdi
	andq	$-16, %rsp
	call	program_main
	ud2
	.section .note.GNU-stack, "", @progbits
