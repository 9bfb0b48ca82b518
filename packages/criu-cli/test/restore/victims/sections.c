// Two threads that are in a critical section of rseq(2) nearly all the time. One that ends must still be known to the kernel.
#include "say.h"
#include <pthread.h>
#include <stddef.h>
#include <sys/rseq.h>

static volatile int asked, forgotten;

/* 1 if the section was gone through to its end; then *left is what the kernel had of it. */
static int pass(struct rseq *area, unsigned long *left)
{
	unsigned long seen = 1;
	long whole = 1;

	asm volatile(".pushsection __rseq_cs, \"aw\"\n"
		     ".balign 32\n"
		     "3: .long 0, 0\n"
		     ".quad 1f, 2f - 1f, 4f\n"
		     ".popsection\n"
		     "lea 3b(%%rip), %%rax\n"
		     "1: mov %%rax, %[cs]\n"
		     "mov $20000000, %%rcx\n"
		     "5: dec %%rcx\n"
		     "jnz 5b\n"
		     "mov %[cs], %[seen]\n"
		     "2: jmp 6f\n"
		     ".byte 0x0f, 0xb9, 0x3d\n"
		     ".long 0x53053053\n"
		     "4: xor %[whole], %[whole]\n"
		     "6:\n"
		     : [cs] "+m"(area->rseq_cs), [seen] "+r"(seen), [whole] "+r"(whole)
		     :
		     : "rax", "rcx", "memory", "cc");
	*left = seen;
	return whole;
}

static void go_through(void)
{
	struct rseq *area = (void *)((char *)__builtin_thread_pointer() + __rseq_offset);
	unsigned long left;

	if (pass(area, &left) && left == 0)
		forgotten = 1;
}

static void *work(void *unused)
{
	for (;;)
		go_through();
}

static void ask(int signal)
{
	asked = 1;
}

int main(void)
{
	pthread_t thread;

	signal(SIGUSR1, ask);
	pthread_create(&thread, 0, work, 0);
	say(__rseq_size ? "ready\n" : "no rseq\n");
	for (;;) {
		go_through();
		if (!asked)
			continue;
		asked = 0;
		// The other thread's comes to an end too.
		usleep(100000);
		say(forgotten ? "a section was gone on with that the kernel had forgotten\n" : "ok\n");
	}
}
