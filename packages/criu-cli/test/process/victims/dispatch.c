// System calls are blocked while a byte says so (syscall user dispatch), which it does all the time but in handlers.
#include "../../restore/victims/say.h"
#include <sys/prctl.h>
#include <sys/syscall.h>

static volatile char blocked;
static volatile int caught;

static void on_blocked(int signal)
{
	blocked = 0;
	caught++;
}

static void check(void)
{
	int before = caught;

	blocked = 1;
	syscall(SYS_getppid);
	CHECK(caught == before + 1 && !blocked);
	syscall(SYS_getppid);
	CHECK(caught == before + 1);
	say("ok\n");
}

static void verify(int signal)
{
	blocked = 0;
	check();
}

static void without(int signal)
{
	say("not here\n");
}

int main(void)
{
	signal(SIGSYS, on_blocked);
	signal(SIGUSR1, verify);
	// Not every kernel can do so.
	if (prctl(59, 1, 0, 0, &blocked))
		signal(SIGUSR1, without);
	say("ready\n");
	for (;;)
		blocked = 1;
}
