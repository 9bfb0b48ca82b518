// Memory that no image can hold: of an io_uring, secret memory, and memory whose faults somebody else answers.
#include "../../restore/victims/say.h"
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static char *at;

static void *map(int fd)
{
	return mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

// The userfaultfd goes to a child, which is not dumped with its parent's memory in mind.
static void watch(int fd)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	at = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	range.range.start = (unsigned long)at;
	range.range.len = 4096;
	if (ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range))
		at = MAP_FAILED;
}

static void verify(int signal)
{
	say(at == MAP_FAILED ? "not here\n" : "ok\n");
}

int main(void)
{
	const char *kind = getenv("KIND");
	char params[120] = { 0 };
	int fd;

	if (!strcmp(kind, "io_uring")) {
		fd = syscall(425, 4, params);
		at = map(fd);
	} else if (!strcmp(kind, "secret")) {
		fd = syscall(447, 0);
		ftruncate(fd, 4096);
		at = map(fd);
	} else {
		fd = syscall(SYS_userfaultfd, O_CLOEXEC);
		watch(fd);
		// Whoever answers the faults keeps it open.
		if (fork() == 0) {
			if (fork() == 0)
				for (;;)
					pause();
			_exit(0);
		}
	}
	if (!strcmp(getenv("HOW"), "closed"))
		close(fd);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
