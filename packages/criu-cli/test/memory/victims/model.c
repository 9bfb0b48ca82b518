// Memory of several kinds that changes all the time, with a model of what is in each page; a child has its own.
#include "../../restore/victims/say.h"
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define PAGES 512
#define KINDS 4

static char *memory[KINDS];
static uint32_t model[KINDS][PAGES];
static volatile sig_atomic_t asked;

static void ask(int sig)
{
	asked = 1;
}

static uint32_t word(int kind, int page, int i)
{
	return model[kind][page] ? model[kind][page] * 2654435761u + kind * 1000003u + page * 1024u + i : 0;
}

static void fill(int kind, int page)
{
	uint32_t *at = (uint32_t *)(memory[kind] + page * 4096);

	for (int i = 0; i < 1024; i++)
		at[i] = word(kind, page, i);
}

static void verify(void)
{
	for (int kind = 0; kind < KINDS; kind++)
		for (int page = 0; page < PAGES; page++)
			for (int i = 0; i < 1024; i++)
				CHECK(((uint32_t *)(memory[kind] + page * 4096))[i] == word(kind, page, i));
	say("ok\n");
}

static void change(void)
{
	int kind = rand() % KINDS, page = rand() % PAGES;

	// Pages of the last kind come and go.
	if (kind == 3 && rand() % 4 == 0) {
		madvise(memory[kind] + page * 4096, 4096, MADV_DONTNEED);
		model[kind][page] = 0;
		return;
	}
	model[kind][page]++;
	fill(kind, page);
}

int main(void)
{
	int fd = syscall(SYS_memfd_create, "model", 0);

	ftruncate(fd, PAGES * 4096);
	memory[0] = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memory[1] = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memory[2] = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memory[3] = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int kind = 0; kind < KINDS; kind++)
		for (int page = 0; page < PAGES; page++) {
			model[kind][page] = 1;
			fill(kind, page);
		}
	// What nobody may read is memory all the same.
	char *hidden = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	strcpy(hidden, "hidden");
	mprotect(hidden, 8192, PROT_NONE);
	if (fork() == 0)
		for (;;)
			pause();
	signal(SIGUSR1, ask);
	say("ready\n");
	for (;;) {
		for (int i = 0; i < 4; i++)
			change();
		if (asked) {
			asked = 0;
			mprotect(hidden, 8192, PROT_READ);
			if (strcmp(hidden, "hidden"))
				say("the hidden page is another\n");
			else
				verify();
			mprotect(hidden, 8192, PROT_NONE);
		}
		usleep(2000);
	}
}
