/* SPDX-License-Identifier: GPL-2.0-only
 * Ways into the agent. agent_trap_entry is at offset 0 of the text: a tracer starts a program there with
 * rdi = struct agent_ctx and gets the task back at the int3 behind the call.
 */
#include <asm/unistd.h>
#include "abi.h"

	.section .text.entry, "ax"
	.globl agent_text_start, agent_trap_entry, agent_serve_entry, agent_jump, agent_clone3_thread, agent_clone3_call
	.hidden agent_text_start, agent_trap_entry, agent_serve_entry, agent_jump, agent_clone3_thread, agent_clone3_call
agent_text_start:
agent_trap_entry:
	cld
	movq	AGENT_CTX_BUFFER(%rdi), %rsi
	xorl	%ebp, %ebp
	call	agent_run
	int3
	/* AGENT_ENTRY_SYSCALL: a bare system call. Its tracer takes the task over before it is back here, so that
	 * the call may be the munmap of this very text. */
	.balign 16
agent_syscall_insn:
	syscall
	int3
	/* AGENT_ENTRY_MARK */
	.balign 16
agent_mark_entry:
	cld
	movq	AGENT_CTX_BUFFER(%rdi), %rsi
	xorl	%ebp, %ebp
	call	agent_run
	movl	$AGENT_MARK, %eax
	syscall
	int3
	.balign 16
agent_serve_entry:
	cld
	xorl	%ebp, %ebp
	call	agent_serve
	ud2

	/* agent_jump(ctx, entry, stack) */
	.balign 16
agent_jump:
	movq	%rdx, %rsp
	andq	$-16, %rsp
	jmp	*%rsi

	/* agent_clone3_thread(args, size, ctx): the new thread has a stack of its own, so it must not return. With a
	 * context it first runs the program there, and says so in the word that agent_serve() has no use for then. */
	.balign 16
agent_clone3_thread:
	movl	$__NR_clone3, %eax
	syscall
	testq	%rax, %rax
	jz	1f
	ret
1:	testq	%rdx, %rdx
	jz	2f
	xorl	%ebp, %ebp
	movq	%rdx, %rbx
	movq	%rdx, %rdi
	movq	AGENT_CTX_BUFFER(%rdi), %rsi
	call	agent_run
	movl	$1, AGENT_CTX_NR_OUT_FDS(%rbx)
2:	/* Park: no signal gets through (all are blocked), a tracer interrupts the wait. */
	movl	$__NR_ppoll, %eax	/* ppoll(NULL, 0, NULL, NULL) */
	xorl	%edi, %edi
	xorl	%esi, %esi
	xorl	%edx, %edx
	xorl	%r10d, %r10d
	syscall
	jmp	2b

	/* agent_clone3_call(args, size, function, argument): the child calls the function and exits. */
	.balign 16
agent_clone3_call:
	movq	%rcx, %r8		/* syscall overwrites rcx */
	movl	$__NR_clone3, %eax
	syscall
	testq	%rax, %rax
	jz	1f
	ret
1:	xorl	%ebp, %ebp
	movq	%r8, %rdi
	call	*%rdx
	movl	$__NR_exit, %eax		/* exit(0) */
	xorl	%edi, %edi
	syscall
	ud2
	.section .note.GNU-stack, "", @progbits
