// SPDX-License-Identifier: GPL-2.0-only
// What glibc 2.28 has in libpthread.so.0 and libdl.so.2, and newer ones in libc.so.6 with a newer symbol version: the linker
// takes the versions of these empty functions (stubs.map). No machine ever loads them: there the names and versions are
// those of its own glibc, and the newest one still has them.
#define FUNCTION(name) .globl name; .type name, @function; name:

.text
FUNCTION(pthread_create)
FUNCTION(pthread_join)
FUNCTION(pthread_detach)
FUNCTION(pthread_once)
FUNCTION(pthread_sigmask)
FUNCTION(pthread_key_create)
FUNCTION(__pthread_key_create)
FUNCTION(pthread_key_delete)
FUNCTION(pthread_getspecific)
FUNCTION(pthread_setspecific)
	ret

.section .note.GNU-stack, "", @progbits
