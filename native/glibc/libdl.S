// SPDX-License-Identifier: GPL-2.0-only
// As libpthread.S, for the functions that glibc 2.28 has in libdl.so.2.
#define FUNCTION(name) .globl name; .type name, @function; name:

.text
FUNCTION(dlopen)
FUNCTION(dlsym)
FUNCTION(dlerror)
	ret

.section .note.GNU-stack, "", @progbits
