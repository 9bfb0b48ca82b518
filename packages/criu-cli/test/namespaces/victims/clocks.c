// A time namespace of its own; what the clocks said last is kept, so that a step of them is seen. With a child in another one,
// the child answers, or its parent.
#include "../../restore/victims/say.h"
#include <sched.h>
#include <time.h>

static struct timespec monotonic, boottime;
static pid_t asked;

static double seconds(struct timespec from, struct timespec to)
{
	return to.tv_sec - from.tv_sec + (to.tv_nsec - from.tv_nsec) / 1e9;
}

/* Both clocks at about the same moment: again if somebody else ran in between. */
static void read_clocks(struct timespec *m, struct timespec *b)
{
	struct timespec after;

	do {
		clock_gettime(CLOCK_MONOTONIC, m);
		clock_gettime(CLOCK_BOOTTIME, b);
		clock_gettime(CLOCK_MONOTONIC, &after);
	} while (seconds(*m, after) > 0.001);
}

static void verify(int signal)
{
	char text[200];
	struct timespec m, b;

	(void)signal;
	if (asked) {
		kill(asked, SIGUSR1);
		return;
	}
	read_clocks(&m, &b);
	snprintf(text, sizeof(text), "%.6f %.6f %ld %ld\n", seconds(monotonic, m), seconds(boottime, b), (long)m.tv_sec,
		 (long)b.tv_sec);
	monotonic = m;
	boottime = b;
	say(text);
}

static int shift(const char *offsets)
{
	int fd;

	if (unshare(0x80))
		return 1;
	fd = open("/proc/self/timens_offsets", O_WRONLY);
	if (write(fd, offsets, strlen(offsets)) < 0)
		return 2;
	close(fd);
	fd = open("/proc/self/ns/time_for_children", O_RDONLY);
	if (setns(fd, 0x80))
		return 3;
	close(fd);
	return 0;
}

/* A child in a namespace of its own, or in the one that its parent leaves; and who of the two is asked. */
static int have_child(const char *answers)
{
	int ready[2];
	char byte;
	pid_t child;

	if (pipe(ready))
		return 4;
	child = fork();
	if (child == 0) {
		if (getenv("CHILD_OFFSETS") && shift(getenv("CHILD_OFFSETS")))
			_exit(5);
		read_clocks(&monotonic, &boottime);
		signal(SIGUSR1, verify);
		close(ready[0]);
		if (write(ready[1], "", 1) != 1)
			_exit(6);
		close(ready[1]);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		return 7;
	close(ready[0]);
	if (strcmp(answers, "child") == 0)
		asked = child;
	return 0;
}

int main(void)
{
	/* A child that was made before stays where it is. */
	if (getenv("ANSWERS") && have_child(getenv("ANSWERS")))
		return 8;
	if (getenv("OFFSETS") && shift(getenv("OFFSETS")))
		return 9;
	read_clocks(&monotonic, &boottime);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
