/* Waits in vfork(2) for half of its time: its children need 30 ms each, and so does what comes after them. */
#include <sys/wait.h>
#include <time.h>
#include "../../restore/victims/say.h"

static volatile sig_atomic_t asked;

static void ask(int sig)
{
	(void)sig;
	asked = 1;
}

static void wait_for(long ms)
{
	struct timespec left = { 0, ms * 1000000 };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

static void round_of(void)
{
	int status = -1;
	pid_t child = vfork();

	if (child == 0) {
		wait_for(30);
		_exit(7);
	}
	CHECK(child > 0);
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	wait_for(30);
	if (asked) {
		asked = 0;
		say("ok\n");
	}
}

int main(void)
{
	struct sigaction action = { .sa_handler = ask, .sa_flags = SA_RESTART };

	sigaction(SIGUSR1, &action, 0);
	say("ready\n");
	for (;;)
		round_of();
}
