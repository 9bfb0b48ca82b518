/* Checks itself at full speed in N threads: general and vector registers, errno, the red zone, its counters.
 * Says "ok" when its standard input closes, or what was wrong as soon as it is seen. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile int stop;
static volatile unsigned long rounds;

static void bad(const char *what)
{
	printf("bad %s\n", what);
	fflush(stdout);
	_exit(1);
}

/* Loads patterns into all registers, spins, and compares; 0 when all were kept. */
__attribute__((noinline)) static long spin(uint64_t seed, long count)
{
	uint64_t in[4] = { seed, ~seed, seed * 3, seed ^ 0x5555 }, out[4] = { 0 };
	long wrong = 0;

	__asm__ volatile(
		"vmovdqu (%[in]), %%ymm0\n"
		"vmovdqa %%ymm0, %%ymm7\n"
		"vmovdqa %%ymm0, %%ymm15\n"
		"movq %[seed], %%r8\n lea 1(%[seed]), %%r9\n lea 2(%[seed]), %%r10\n lea 3(%[seed]), %%r11\n"
		"lea 4(%[seed]), %%r12\n lea 5(%[seed]), %%r13\n lea 6(%[seed]), %%r14\n lea 7(%[seed]), %%r15\n"
		"movq %[seed], -64(%%rsp)\n" /* red zone */
		"1: dec %[count]\n jnz 1b\n"
		"cmpq %[seed], -64(%%rsp)\n setne %b[wrong]\n"
		"cmpq %[seed], %%r8\n je 2f\n orq $2, %[wrong]\n"
		"2: sub $1, %%r9\n cmpq %[seed], %%r9\n je 3f\n orq $4, %[wrong]\n"
		"3: sub $2, %%r10\n cmpq %[seed], %%r10\n je 4f\n orq $8, %[wrong]\n"
		"4: sub $3, %%r11\n cmpq %[seed], %%r11\n je 5f\n orq $16, %[wrong]\n"
		"5: sub $4, %%r12\n cmpq %[seed], %%r12\n je 6f\n orq $32, %[wrong]\n"
		"6: sub $7, %%r15\n cmpq %[seed], %%r15\n je 7f\n orq $64, %[wrong]\n"
		"7: vpxor %%ymm0, %%ymm7, %%ymm1\n vpxor %%ymm0, %%ymm15, %%ymm2\n vpor %%ymm1, %%ymm2, %%ymm1\n"
		"vptest %%ymm1, %%ymm1\n je 8f\n orq $128, %[wrong]\n"
		"8: vmovdqu %%ymm15, (%[out])\n vzeroupper\n"
		: [wrong] "+&a"(wrong), [count] "+&c"(count)
		: [seed] "b"(seed), [in] "S"(in), [out] "D"(out)
		: "memory", "cc", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0", "xmm1", "xmm2", "xmm7", "xmm15");
	return wrong || memcmp(in, out, sizeof(in));
}

static void *work(void *arg)
{
	uint64_t seed = 0x123456789 * ((uintptr_t)arg + 1);
	double sum = 0;

	while (!stop) {
		errno = 77;
		if (spin(seed, 20000))
			bad("registers");
		if (errno != 77)
			bad("errno");
		for (int i = 0; i < 1000; i++)
			sum += 0.5;
		__atomic_fetch_add(&rounds, 1, __ATOMIC_RELAXED);
		seed = seed * 6364136223846793005ull + 1;
	}
	if (sum < 0)
		bad("sum");
	return 0;
}

static void another_round(void)
{
	unsigned long before = rounds;

	for (int ms = 0; rounds == before; ms++) {
		if (ms == 30000)
			bad("rounds");
		usleep(1000);
	}
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 1;
	pthread_t t[512];
	char c;

	setvbuf(stdout, 0, _IOLBF, 0);
	for (int i = 0; i < n; i++)
		pthread_create(&t[i], 0, work, (void *)(uintptr_t)i);
	another_round();
	puts("ready");
	while (read(0, &c, 1) > 0)
		;
	/* They still run. */
	another_round();
	stop = 1;
	for (int i = 0; i < n; i++)
		pthread_join(t[i], 0);
	puts("ok");
	return 0;
}
