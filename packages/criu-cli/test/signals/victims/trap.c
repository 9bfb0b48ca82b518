// A SIGTRAP is pending, and stays so until it is asked for.
#include "../../restore/victims/say.h"

int main(void)
{
	sigset_t trap, set;
	int number;

	sigemptyset(&trap);
	sigaddset(&trap, SIGTRAP);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &trap, 0);
	sigprocmask(SIG_BLOCK, &set, 0);
	raise(SIGTRAP);
	say("ready\n");
	for (;;) {
		sigset_t pending;

		sigwait(&set, &number);
		sigpending(&pending);
		say(sigismember(&pending, SIGTRAP) ? "ok\n" : "the signal is gone\n");
	}
}
