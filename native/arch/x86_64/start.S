/* SPDX-License-Identifier: GPL-2.0-only
 *
 * Entry point of a program without a C library (the agent, first-request): the arguments are on the stack.
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
