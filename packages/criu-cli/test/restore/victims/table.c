// Two tasks with one descriptor table: what one opens, the other has.
#include "say.h"
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

static char stack[64 << 10] __attribute__((aligned(16)));
static int asked, answered;

static int helper(void *unused)
{
	for (;;) {
		unsigned long fd, sum = 1000;

		if (read(asked, &fd, 8) != 8)
			_exit(1);
		// The number is of the other's making.
		if (write((int)fd, "hi", 2) == 2 && dup2((int)fd, 77) == 77)
			sum += fd;
		write(answered, &sum, 8);
	}
}

static void verify(int signal)
{
	int ends[2];
	unsigned long fd, sum;
	char room[4];

	CHECK(pipe(ends) == 0);
	fd = ends[1];
	CHECK(write(asked, &fd, 8) == 8);
	CHECK(read(answered, &sum, 8) == 8 && sum == 1000 + fd);
	CHECK(read(ends[0], room, 4) == 2 && memcmp(room, "hi", 2) == 0);
	CHECK(close(77) == 0);
	close(ends[0]);
	close(ends[1]);
	say("ok\n");
}

int main(void)
{
	asked = eventfd(0, 0);
	answered = eventfd(0, 0);
	clone(helper, stack + sizeof(stack), CLONE_FILES | SIGCHLD, 0);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
