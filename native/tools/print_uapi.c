/* SPDX-License-Identifier: GPL-2.0-only
 * Prints the kernel constants of uapi/constants.list as TypeScript.
 */
#define _GNU_SOURCE
#include <stdio.h>
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
	puts("// Made from the kernel's headers by tools/print_uapi.c, for what uapi/constants.list and that of arch/ name; do not edit.");
/* SIG_IGN and its like are pointers. */
#define CONSTANT(name) print(#name, (long long)(name));
#include "../uapi/constants.list"
#include "constants.list"
	return 0;
}
