// A time namespace of its own; what the clocks said last is kept, so that a step of them is seen.
#include "../../restore/victims/say.h"
#include <sched.h>
#include <time.h>

static struct timespec monotonic, boottime;

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
	read_clocks(&m, &b);
	snprintf(text, sizeof(text), "%.6f %.6f %ld %ld\n", seconds(monotonic, m), seconds(boottime, b), (long)m.tv_sec,
		 (long)b.tv_sec);
	monotonic = m;
	boottime = b;
	say(text);
}

int main(void)
{
	if (getenv("OFFSETS")) {
		int fd;

		if (unshare(0x80))
			return 1;
		fd = open("/proc/self/timens_offsets", O_WRONLY);
		if (write(fd, getenv("OFFSETS"), strlen(getenv("OFFSETS"))) < 0)
			return 2;
		close(fd);
		fd = open("/proc/self/ns/time_for_children", O_RDONLY);
		if (setns(fd, 0x80))
			return 3;
		close(fd);
	}
	read_clocks(&monotonic, &boottime);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
