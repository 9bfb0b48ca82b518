/* SPDX-License-Identifier: GPL-2.0-only
 * Compiled into every parasite: entry, strings, log and descriptors.
 */
#include <compel/parasite.h>

#define LOG_SIZE 16384

/* The injector knows these by name. `head` counts all bytes that were ever logged. */
struct compel_log_ring {
	volatile uint64_t head;
	char bytes[LOG_SIZE];
};

struct compel_out_fds {
	uint32_t count;
	int32_t fds[COMPEL_MAX_FDS];
};

__attribute__((used)) struct compel_log_ring compel_log_ring;
__attribute__((used)) struct compel_out_fds compel_out_fds;
__attribute__((used, aligned(4096))) char compel_page[COMPEL_PAGE_SIZE];

/* compel_enter(command, arg, size, fds, nr_fds): with floating point as the C ABI wants it at a call. */
__asm__(".text\n"
	".globl compel_enter\n"
	"compel_enter:\n"
	"	fninit\n"
	"	pushq $0x1f80\n"
	"	ldmxcsr (%rsp)\n"
	"	addq $8, %rsp\n"
	"	movq %rdi, %rax\n"
	"	movq %rsi, %rdi\n"
	"	movq %rdx, %rsi\n"
	"	movq %rcx, %rdx\n"
	"	movq %r8, %rcx\n"
	"	jmp *%rax\n");

void *memcpy(void *dst, const void *src, size_t n)
{
	void *to = dst;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(src), "+c"(n) : : "memory");
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	char *d = dst;
	const char *s = src;

	if (d <= s || d >= s + n)
		return memcpy(dst, src, n);
	while (n--)
		d[n] = s[n];
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	void *to = dst;

	__asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(c) : "memory");
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strlen(const char *s)
{
	const char *end = s;

	while (*end)
		end++;
	return (size_t)(end - s);
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (*a != *b || !*a)
			return (unsigned char)*a - (unsigned char)*b;
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, (size_t)-1);
}

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

size_t compel_strlcpy(char *dst, const char *src, size_t size)
{
	size_t n = strlen(src), copy = n < size ? n : size ? size - 1 : 0;

	memcpy(dst, src, copy);
	if (size)
		dst[copy] = 0;
	return n;
}

struct out {
	char *buf;
	size_t size, n;
};

static void put(struct out *o, char c)
{
	if (o->n + 1 < o->size)
		o->buf[o->n] = c;
	o->n++;
}

static void put_number(struct out *o, uint64_t v, unsigned base, int negative, int width, char fill)
{
	char digits[24];
	int n = 0;

	do
		digits[n++] = "0123456789abcdef"[v % base];
	while (v /= base);
	if (negative)
		digits[n++] = '-';
	for (int i = n; i < width; i++)
		put(o, fill);
	while (n)
		put(o, digits[--n]);
}

int compel_vsnprintf(char *buf, size_t size, const char *f, va_list args)
{
	struct out o = { buf, size, 0 };

	for (; *f; f++) {
		int longs = 0, width = 0;
		char fill = ' ';

		if (*f != '%') {
			put(&o, *f);
			continue;
		}
		f++;
		if (*f == '0')
			fill = *f++;
		while (*f >= '0' && *f <= '9')
			width = width * 10 + (*f++ - '0');
		while (*f == 'l' || *f == 'z') {
			longs++;
			f++;
		}
		if (*f == 'd' || *f == 'i') {
			int64_t v = longs ? va_arg(args, long) : va_arg(args, int);

			put_number(&o, v < 0 ? -(uint64_t)v : (uint64_t)v, 10, v < 0, width, fill);
		} else if (*f == 'u' || *f == 'x') {
			uint64_t v = longs ? va_arg(args, unsigned long) : va_arg(args, unsigned int);

			put_number(&o, v, *f == 'u' ? 10 : 16, 0, width, fill);
		} else if (*f == 'p') {
			put(&o, '0');
			put(&o, 'x');
			put_number(&o, (uint64_t)va_arg(args, void *), 16, 0, 0, ' ');
		} else if (*f == 's') {
			const char *s = va_arg(args, const char *);

			for (s = s ? s : "(null)"; *s; s++)
				put(&o, *s);
		} else if (*f == 'c') {
			put(&o, (char)va_arg(args, int));
		} else if (*f == '%') {
			put(&o, '%');
		} else {
			break;
		}
	}
	if (size)
		buf[o.n < size ? o.n : size - 1] = 0;
	return (int)o.n;
}

void compel_log(const char *format, ...)
{
	char line[512];
	va_list args;
	size_t n;
	uint64_t at;

	va_start(args, format);
	compel_vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	n = strlen(line);
	line[n++] = '\n';
	at = compel_log_ring.head;
	for (size_t i = 0; i < n; i++)
		compel_log_ring.bytes[(at + i) % LOG_SIZE] = line[i];
	/* The bytes are there before they are counted: the other side reads at any time. */
	__atomic_store_n(&compel_log_ring.head, at + n, __ATOMIC_RELEASE);
}

int compel_send_fd(int fd)
{
	if (compel_out_fds.count >= COMPEL_MAX_FDS)
		return -1;
	compel_out_fds.fds[compel_out_fds.count++] = fd;
	return 0;
}
