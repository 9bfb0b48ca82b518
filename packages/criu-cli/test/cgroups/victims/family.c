// A task with a child that has one, too, in a cgroup namespace of their own if that is asked for: none is scheduled in real time.
#include "../../restore/victims/say.h"
#include <sched.h>

static pid_t child;

static void verify(int signal)
{
	CHECK(sched_getscheduler(0) == SCHED_OTHER);
	CHECK(sched_getscheduler(child) == SCHED_OTHER);
	say("ok\n");
}

int main(void)
{
	int ready[2];
	char c;

	pipe(ready);
	child = fork();
	if (child == 0) {
		if (fork() == 0)
			write(ready[1], "", 1);
		for (;;)
			pause();
	}
	read(ready[0], &c, 1);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
