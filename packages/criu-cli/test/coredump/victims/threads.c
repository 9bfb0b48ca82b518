// Threads whose stacks, local variables and vector registers a debugger shall find again in a core file.
#include "../../restore/victims/say.h"
#include <pthread.h>
#include <sys/mman.h>

static pthread_barrier_t ready;
static volatile long counted;

__attribute__((noinline)) static void descend(int level, long seed)
{
	volatile long local = seed * 1000 + level;

	if (level < 3) {
		descend(level + 1, seed);
		local++;
		return;
	}
	pthread_barrier_wait(&ready);
	// Stays in user mode, where its registers are its own.
	if (__builtin_cpu_supports("avx2"))
		__asm__ volatile("vmovq %0, %%xmm5\n\tvpbroadcastq %%xmm5, %%ymm5\n"
				 "1:\tpause\n\tjmp 1b"
				 :
				 : "r"(0x1122334455660000L + seed)
				 : "xmm5");
	for (;;)
		local = local;
}

static void *spinner(void *arg)
{
	descend(0, (long)arg);
	return NULL;
}

__attribute__((noinline)) static void *sleeper(void *arg)
{
	volatile long asleep = (long)arg;

	pthread_barrier_wait(&ready);
	for (;;) {
		pause();
		counted += asleep;
	}
}

int main(void)
{
	pthread_t threads[2];
	pthread_attr_t small;
	char *heap = malloc(64);
	char *shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			    (getenv("ALONE") ? MAP_PRIVATE : MAP_SHARED) | MAP_ANONYMOUS, -1, 0);

	strcpy(heap, "kept on the heap");
	strcpy(shared + 4096, "kept in shared memory");
	pthread_barrier_init(&ready, NULL, 3);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 128 << 10);
	pthread_create(&threads[0], &small, spinner, (void *)7L);
	pthread_create(&threads[1], &small, sleeper, (void *)8L);
	pthread_barrier_wait(&ready);
	say("ready\n");
	for (;;) {
		pause();
		heap[0] = shared[0];
	}
}
