/* SPDX-License-Identifier: GPL-2.0-only
 * Entry points of the agent. agent_trap_entry is at offset 0 of the text: a tracer resumes the task there with
 * rdi = struct agent_ctx, and the task stops again at the int3 after the program has run.
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
	/* AGENT_ENTRY_SYSCALL: one system call instruction. The tracer stops the task before it returns here, so the
	 * call may be the munmap() of this text. */
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

	/* agent_clone3_thread(args, size, ctx): the new thread has another stack, so it must not return. With a context
	 * it first runs the program of the context and then sets nr_out_fds to 1, which agent_serve() does not use there. */
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
2:	/* Park: all signals are blocked, so only a tracer ends the wait. */
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
