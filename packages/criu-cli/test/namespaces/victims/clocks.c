// A time namespace of its own; what the clocks said last is kept, so that a step of them is seen.
#include "../../restore/victims/say.h"
#include <sched.h>
#include <time.h>

static struct timespec monotonic, boottime;

static double since(clockid_t clock, struct timespec *last)
{
	struct timespec now;
	double passed;

	clock_gettime(clock, &now);
	passed = now.tv_sec - last->tv_sec + (now.tv_nsec - last->tv_nsec) / 1e9;
	*last = now;
	return passed;
}

static void verify(int signal)
{
	char text[200];
	double m = since(CLOCK_MONOTONIC, &monotonic);
	double b = since(CLOCK_BOOTTIME, &boottime);

	snprintf(text, sizeof(text), "%.3f %.3f %ld %ld\n", m, b, (long)monotonic.tv_sec, (long)boottime.tv_sec);
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
	since(CLOCK_MONOTONIC, &monotonic);
	since(CLOCK_BOOTTIME, &boottime);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
