// Pidfds of processes that have ended and were waited for: from Linux 6.15 on they tell how.
#include "../../restore/victims/say.h"
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

struct info {
	uint64_t mask, cgroup;
	uint32_t ids[11];
	int32_t exit_code;
};

static int exited, killed, well;
static int told;

static int status_of(int fd)
{
	struct info info = { .mask = 8 };

	return ioctl(fd, _IOWR(0xff, 11, struct info), &info) || !(info.mask & 8) ? -1 : info.exit_code;
}

static void verify(int signal)
{
	(void)signal;
	CHECK(!told || (status_of(exited) == 7 << 8 && status_of(killed) == SIGTERM && status_of(well) == 0));
	say("ok\n");
}

static int ended(int code, int signal)
{
	pid_t child = fork();
	int fd;

	if (child == 0) {
		if (signal)
			pause();
		_exit(code);
	}
	fd = syscall(SYS_pidfd_open, child, 0);
	if (signal)
		kill(child, signal);
	waitpid(child, 0, 0);
	return fd;
}

int main(void)
{
	exited = ended(7, 0);
	killed = ended(0, SIGTERM);
	well = ended(0, 0);
	told = status_of(exited) == 7 << 8;
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
