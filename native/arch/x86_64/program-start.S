// SPDX-License-Identifier: GPL-2.0-only
// Entry point of a program (System V ABI for AMD64, 3.4.1). It replaces the compiler's crt1.o, which since glibc 2.34
// needs a version of __libc_start_main that older versions of glibc lack. An older glibc does not call constructors, so
// such a program must not have any.
.symver __libc_start_main, __libc_start_main@GLIBC_2.2.5

.text
.globl _start
.type _start, @function
_start:
	xor	%ebp, %ebp			// the outermost frame
	mov	%rdx, %r9			// function of the dynamic linker for atexit()
	pop	%rsi				// argc
	mov	%rsp, %rdx			// argv
	and	$-16, %rsp
	push	%rax
	push	%rsp				// end of the stack
	xor	%r8d, %r8d			// no destructors
	xor	%ecx, %ecx			// no constructors
	mov	main@GOTPCREL(%rip), %rdi
	call	*__libc_start_main@GOTPCREL(%rip)
	hlt

.section .note.GNU-stack, "", @progbits
