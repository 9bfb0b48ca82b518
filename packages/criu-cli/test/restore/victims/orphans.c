// A session and a group without leaders: the task's children are in them still.
#include "say.h"
#include <sys/prctl.h>
#include <sys/wait.h>

static pid_t member, second, in_group;
static pid_t session, group;

static void verify(int signal)
{
	CHECK(getsid(member) == session && getpgid(member) == session);
	CHECK(getsid(second) == session);
	CHECK(getsid(in_group) == getpid() && getpgid(in_group) == group);
	CHECK(kill(session, 0) < 0 && errno == ESRCH);
	CHECK(kill(group, 0) < 0 && errno == ESRCH);
	CHECK(waitpid(member, 0, WNOHANG) == 0 && waitpid(second, 0, WNOHANG) == 0);
	CHECK(waitpid(in_group, 0, WNOHANG) == 0);
	say("ok\n");
}

static void stay(void)
{
	for (;;)
		pause();
}

int main(void)
{
	int ends[2];

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pipe(ends);
	session = fork();
	if (session == 0) {
		setsid();
		for (int i = 0; i < 2; i++) {
			pid_t pid = fork();

			if (pid == 0)
				stay();
			write(ends[1], &pid, sizeof(pid));
		}
		_exit(0);
	}
	read(ends[0], &member, sizeof(pid_t));
	read(ends[0], &second, sizeof(pid_t));
	waitpid(session, 0, 0);
	group = fork();
	if (group == 0) {
		setpgid(0, 0);
		in_group = fork();
		if (in_group == 0)
			stay();
		write(ends[1], &in_group, sizeof(pid_t));
		_exit(0);
	}
	read(ends[0], &in_group, sizeof(pid_t));
	waitpid(group, 0, 0);
	close(ends[0]);
	close(ends[1]);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
