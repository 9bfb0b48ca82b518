/* SPDX-License-Identifier: GPL-2.0-only
 * The functions on bytes and strings that a parasite has.
 */
#ifndef COMPEL_STRING_H
#define COMPEL_STRING_H

#include <stddef.h>

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
/* Copies at most size - 1 bytes and ends with a NUL; the length of src. */
size_t compel_strlcpy(char *dst, const char *src, size_t size);

#endif
