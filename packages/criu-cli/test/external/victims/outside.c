// Reads a line from each of its descriptors 3 to 7, which belong to somebody else.
#include "../../restore/victims/say.h"
#include <poll.h>

static void verify(int signal)
{
	for (int fd = 3; fd <= 7; fd++) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		char line[64] = "";

		CHECK(poll(&ready, 1, 2000) == 1);
		CHECK(read(fd, line, sizeof(line) - 1) > 0);
		CHECK(!strcmp(line, "hello\n"));
	}
	say("ok\n");
}

int main(void)
{
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
