// Timers for a time of day expire at that time, however long nobody runs; those for a time that has to pass wait for the rest of it.
#include "../../restore/victims/say.h"
#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>

#define HOUR 3600
enum { AT, EACH, SOON, AFTER, FDS };
static int fds[FDS];
static double end;

static double seconds(struct timespec t)
{
	return t.tv_sec + t.tv_nsec / 1e9;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return seconds(t);
}

static double left(int fd)
{
	struct itimerspec t;

	return timerfd_gettime(fd, &t) ? -1 : seconds(t.it_value);
}

static int near(double a, double b)
{
	return a - b < 0.2 && b - a < 0.2;
}

static int make(int flags, struct itimerspec t)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);

	timerfd_settime(fd, flags, &t, 0);
	return fd;
}

/* To be called once, when more than a second has passed between dump and restore. */
static void verify(int sig)
{
	uint64_t count = 0;

	CHECK(near(left(fds[AT]), end - now()) && near(left(fds[EACH]), end - now()));
	CHECK(read(fds[SOON], &count, sizeof(count)) == sizeof(count) && count == 1 && left(fds[SOON]) == 0);
	CHECK(left(fds[AFTER]) > end - now() + 1);
	say("ok\n");
}

int main(void)
{
	struct sigaction action = { .sa_handler = verify };
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	end = seconds(t) + HOUR;
	fds[AT] = make(TFD_TIMER_ABSTIME, (struct itimerspec){ { 0, 0 }, { t.tv_sec + HOUR, t.tv_nsec } });
	fds[EACH] = make(TFD_TIMER_ABSTIME, (struct itimerspec){ { 24 * HOUR, 0 }, { t.tv_sec + HOUR, t.tv_nsec } });
	fds[SOON] = make(TFD_TIMER_ABSTIME, (struct itimerspec){ { 0, 0 }, { t.tv_sec + 1, t.tv_nsec } });
	fds[AFTER] = make(0, (struct itimerspec){ { 0, 0 }, { HOUR, 0 } });
	sigaction(SIGUSR1, &action, 0);
	say("ready\n");
	for (;;)
		pause();
}
