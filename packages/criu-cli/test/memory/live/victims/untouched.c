// Much memory of which little is touched; a page more each time when it is asked how it is.
#include "../../../restore/victims/say.h"
#include <sys/mman.h>

#define PAGE 4096UL
#define BYTES (512UL << 20)

static char *memory;
static int touched = 1;

static void verify(int signal)
{
	for (int i = 0; i < touched; i++)
		CHECK(memory[i * 1000 * PAGE] == i + 1);
	/* What was only read is zero, and stays so. */
	CHECK(memory[(touched - 1) * 1000 * PAGE + 2 * PAGE] == 0);
	memory[touched * 1000 * PAGE] = touched + 1;
	touched++;
	say("ok\n");
}

int main(void)
{
	memory = mmap(0, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	memory[0] = 1;
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
