// A daemon's daemon: a task whose parent has ended, in the session of one that is below the same init.
#include "../../restore/victims/say.h"
#include <sys/prctl.h>
#include <sys/wait.h>

static int asked[2], answered[2];
static pid_t leader, orphan;

static void verify(int signal)
{
	pid_t parent = 0;

	CHECK(write(asked[1], "?", 1) == 1 && read(answered[0], &parent, 4) == 4);
	CHECK(parent == getpid());
	CHECK(getsid(leader) == leader && getsid(orphan) == leader && getpgid(orphan) == leader);
	CHECK(waitpid(-1, 0, WNOHANG) == 0);
	say("ok\n");
}

static void be_orphan(void)
{
	char c;

	while (read(asked[0], &c, 1) == 1) {
		pid_t parent = getppid();

		write(answered[1], &parent, 4);
	}
	_exit(0);
}

int main(void)
{
	int told[2];

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pipe(asked);
	pipe(answered);
	pipe(told);
	leader = fork();
	if (leader == 0) {
		pid_t middle, mine;

		setsid();
		middle = fork();
		if (middle == 0) {
			mine = fork();
			if (mine == 0)
				be_orphan();
			write(told[1], &mine, 4);
			_exit(0);
		}
		waitpid(middle, 0, 0);
		write(told[1], &middle, 4);
		for (;;)
			pause();
	}
	read(told[0], &orphan, 4);
	read(told[0], &(pid_t){ 0 }, 4);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
