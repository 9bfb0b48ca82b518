// What is measured: a process with so many MiB of memory that all differ, and so many threads that sleep.
// Arguments: MiB, threads. Says "ready" and waits.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void *wait_forever(void *unused)
{
	(void)unused;
	for (;;)
		pause();
	return NULL;
}

int main(int argc, char **argv)
{
	size_t bytes = (size_t)(argc > 1 ? atol(argv[1]) : 16) << 20;
	long threads = argc > 2 ? atol(argv[2]) : 0;
	uint64_t *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return 1;
	for (size_t i = 0; i < bytes / 8; i++)
		memory[i] = i * 0x9e3779b97f4a7c15u;
	for (long i = 0; i < threads; i++) {
		pthread_t t;
		if (pthread_create(&t, NULL, wait_forever, NULL))
			return 1;
	}
	puts("ready");
	fflush(stdout);
	wait_forever(NULL);
	return 0;
}
