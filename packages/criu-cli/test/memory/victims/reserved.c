// Half of the address space is reserved, as sanitizers and runtimes of languages do it.
#include "../../restore/victims/say.h"
#include <sys/mman.h>

#define RESERVED (64L << 40)
#define USED (1L << 40)

static char *area;

static void verify(int sig)
{
	CHECK(area[USED] == 5 && area[USED + 1] == 0);
	say("ok\n");
}

int main(void)
{
	struct sigaction action = { .sa_handler = verify };

	area = mmap(NULL, RESERVED, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	mprotect(area + USED, 4096, PROT_READ | PROT_WRITE);
	area[USED] = 5;
	sigaction(SIGUSR1, &action, NULL);
	say("ready\n");
	for (;;)
		pause();
}
