// Leaves the mounts of others on the machine, runs the shell command $SETUP in its mount namespace, and waits. With $ELSEWHERE it has
// a child in a copy of that namespace.
#define _GNU_SOURCE
#include "../../restore/victims/say.h"
#include "own-mounts.h"
#include <sched.h>

int main(void)
{
	leave_host();
	MUST(!system(getenv("SETUP")));
	if (getenv("ELSEWHERE") && fork() == 0) {
		MUST(unshare(CLONE_NEWNS) == 0);
		for (;;)
			pause();
	}
	say("ready\n");
	for (;;)
		pause();
}
