/* SPDX-License-Identifier: GPL-2.0-only
 * Prints the kernel constants of uapi/constants.list and the structures of uapi/structs.list as TypeScript.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stddef.h>
#include "../uapi/headers.h"
#include "headers.h"

static void print(const char *name, long long value)
{
	/* Requests of ioctl(2) are unsigned; only AT_FDCWD and its like are below zero. */
	if (value < 0)
		printf("export const %s = %lld;\n", name, value);
	else
		printf("export const %s = 0x%llx;\n", name, value);
}

int main(void)
{
	puts("// Made from the kernel's headers by tools/print_uapi.c, for what the lists in uapi/ and arch/ name; do not edit.");
/* SIG_IGN and the like are pointers. */
#define CONSTANT(name) print(#name, (long long)(name));
#include "../uapi/constants.list"
#include "constants.list"
#define BEGIN(name, type) printf("export const %s = {\n  sizeof: %zu,\n", #name, sizeof(type)); { typedef type T;
#define LINE(name, offset) printf("  %s: %zu,\n", name, (size_t)(offset));
#define FIELD(f) LINE(#f, offsetof(T, f))
#define FIELD_AS(name, f) LINE(#name, offsetof(T, f))
#define FIELD_AFTER(name, f) LINE(#name, offsetof(T, f) + sizeof(((T *)0)->f))
#define END } puts("} as const;");
#include "../uapi/structs.list"
#include "structs.list"
	return 0;
}
