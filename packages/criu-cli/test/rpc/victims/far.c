// Sits at a terminal whose other side is somebody else's, as the program in a container does.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

int main(void)
{
	char line[64];

	/* What was there before is read again by nobody. */
	for (;;) {
		struct winsize size = { 0 };

		if (!fgets(line, sizeof(line), stdin)) {
			if (errno == EINTR)
				continue;
			return 1;
		}
		ioctl(1, TIOCGWINSZ, &size);
		printf("%d %d %d: %s", size.ws_row, tcgetsid(0) == getpid(), isatty(2), line);
		fflush(stdout);
	}
}
