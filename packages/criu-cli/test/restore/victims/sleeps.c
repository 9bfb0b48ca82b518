/* Sleeps once for each call that there is for it, as somebody who expects no EINTR: says what the call gave, and how long it took. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
	struct timespec t = { 3, 0 }, rest = { 0, 0 };
	long start = now();
	long r;

	printf("sleeping\n");
	fflush(stdout);
	if (argc > 1 && argv[1][0] == 'n')
		r = syscall(SYS_nanosleep, &t, &rest);
	else
		r = syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &t, &t);
	printf("%ld %ld\n", r, now() - start);
	return 0;
}
