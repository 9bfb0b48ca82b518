// Parent and child share open file descriptions (descriptors 100 to 163), of which another process moves the positions.
#include "../../restore/victims/say.h"
#include <sys/wait.h>

#define FIRST 100
#define COUNT 64

static int to_child[2], from_child[2];

static void verify(int sig)
{
	for (int fd = FIRST; fd < FIRST + COUNT; fd++) {
		char ok;

		CHECK(write(to_child[1], &fd, sizeof(fd)) == sizeof(fd));
		CHECK(read(from_child[0], &ok, 1) == 1);
		CHECK(lseek(fd, 0, SEEK_CUR) == 4242);
	}
	say("ok\n");
}

int main(void)
{
	struct sigaction action = { .sa_handler = verify };

	for (int fd = FIRST; fd < FIRST + COUNT; fd++)
		if (dup2(3, fd) < 0)
			return 1;
	if (pipe(to_child) || pipe(from_child))
		return 1;
	if (!fork()) {
		for (int fd; read(to_child[0], &fd, sizeof(fd)) == sizeof(fd);) {
			lseek(fd, 4242, SEEK_SET);
			write(from_child[1], "", 1);
		}
		_exit(0);
	}
	sigaction(SIGUSR1, &action, NULL);
	say("ready\n");
	for (;;)
		pause();
}
