// A job of a shell: it has the shell's terminal, which it does not own.
#include "say.h"
#include <termios.h>

static pid_t session;

static void verify(int signal)
{
	CHECK(isatty(0) && isatty(1));
	// The terminal is that of whoever restores, and so is the session.
	CHECK(getsid(0) != session && tcgetsid(0) == getsid(0));
	CHECK(tcgetpgrp(0) == getpgrp() && getpgrp() == getpid());
	CHECK(write(1, "still here\n", 11) == 11);
	say("ok\n");
}

int main(void)
{
	char text[32];

	session = getsid(0);
	signal(SIGUSR1, verify);
	snprintf(text, sizeof(text), "%d\n", getpid());
	say(text);
	for (;;)
		pause();
}
