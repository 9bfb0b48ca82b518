// SPDX-License-Identifier: GPL-2.0-only
// Functions that glibc 2.28 has in libpthread.so.0 and libdl.so.2, and newer versions have in libc.so.6 with a newer symbol
// version. The linker takes the old versions from these empty functions (stubs.map). No machine loads this library: at run
// time its own glibc provides the names and versions, which the newest glibc still has.
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
