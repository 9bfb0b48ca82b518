// Children of clone(2) with other signals than SIGCHLD for their end, or none: running, and ended already as another user.
#include "../../restore/victims/say.h"
#include <sched.h>
#include <sys/wait.h>

enum { SOMEBODY = 12345 };
enum { OTHER, SILENT, OTHER_ENDED, CHILDREN };
static pid_t children[CHILDREN];
static volatile int others, chlds;
static char stacks[CHILDREN][32 << 10] __attribute__((aligned(16)));

static void on_other(int signal)
{
	others++;
}

static void on_child(int signal)
{
	chlds++;
}

static int wait_for_end(void *unused)
{
	for (;;)
		pause();
}

static int end(void *unused)
{
	if (setuid(SOMEBODY))
		_exit(1);
	_exit(7);
}

static void make(int which, int (*body)(void *), int signal)
{
	children[which] = clone(body, stacks[which] + sizeof(stacks[which]), signal, 0);
}

static void set_up(void)
{
	others = 0;
	make(OTHER, wait_for_end, SIGUSR2);
	make(SILENT, wait_for_end, 0);
	make(OTHER_ENDED, end, SIGUSR2);
	while (!others)
		usleep(1000);
	others = chlds = 0;
}

static void verify(void)
{
	siginfo_t info = { 0 };
	int status, i;

	CHECK(others == 0 && chlds == 0);
	// Such a child is not waited for without being asked for.
	CHECK(waitpid(children[OTHER_ENDED], &status, WNOHANG) == -1 && errno == ECHILD);
	CHECK(waitid(P_PID, children[OTHER_ENDED], &info, WEXITED | WNOWAIT | __WCLONE) == 0 && info.si_uid == SOMEBODY);
	CHECK(waitpid(children[OTHER_ENDED], &status, __WCLONE) == children[OTHER_ENDED]);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	kill(children[OTHER], SIGKILL);
	for (i = 0; i < 5000 && !others; i++)
		usleep(1000);
	CHECK(others == 1);
	CHECK(waitpid(children[OTHER], &status, __WCLONE) == children[OTHER]);
	kill(children[SILENT], SIGKILL);
	CHECK(waitpid(children[SILENT], &status, __WCLONE) == children[SILENT]);
	CHECK(others == 1 && chlds == 0);
	set_up();
	say("ok\n");
}

int main(void)
{
	sigset_t set;
	int number;

	signal(SIGUSR2, on_other);
	signal(SIGCHLD, on_child);
	set_up();
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, 0);
	say("ready\n");
	for (;;) {
		sigwait(&set, &number);
		verify();
	}
}
