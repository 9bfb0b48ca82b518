/* Has a file open and a handler for SIGUSR1; writes a number every few milliseconds. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void handler(int sig)
{
	(void)sig;
}

int main(int argc, char **argv)
{
	int fd = open(argv[argc - 1], O_RDONLY);

	signal(SIGUSR1, handler);
	puts("ready");
	fflush(stdout);
	for (int n = 1;; n++) {
		dprintf(1, "%d\n", n);
		usleep(5000);
	}
	return fd;
}
