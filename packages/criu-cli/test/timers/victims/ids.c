// POSIX timers with holes before and between their ids.
#include "../../restore/victims/say.h"
#include <sys/syscall.h>
#include <time.h>

#define MANY 3000

static int create(void)
{
	struct sigevent sev = { .sigev_notify = SIGEV_NONE };
	int id;

	return syscall(SYS_timer_create, CLOCK_MONOTONIC, &sev, &id) ? -1 : id;
}

static void verify(int signal)
{
	struct itimerspec its;

	(void)signal;
	for (int id = 0; id < MANY; id++) {
		int there = !syscall(SYS_timer_gettime, id, &its);

		if (there != (id == 2 || id == 3 || id == MANY - 1)) {
			say("a timer that should not be, or none that should\n");
			return;
		}
		CHECK(!there || (its.it_value.tv_sec > 500 && its.it_value.tv_sec <= 1000 + id));
	}
	say("ok\n");
}

int main(void)
{
	for (int i = 0; i < MANY; i++) {
		int id = create();
		struct itimerspec its = { .it_value = { 1000 + id, 0 } };

		if (id != i)
			return 1;
		if (id == 2 || id == 3 || id == MANY - 1)
			syscall(SYS_timer_settime, id, 0, &its, 0);
		else
			syscall(SYS_timer_delete, id);
	}
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
