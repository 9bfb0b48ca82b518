// Timers whose time is up and nobody has looked yet go on; timers that are not armed stay so.
#include "../../restore/victims/say.h"
#include "../../restore/victims/rights.h"
#include <stdint.h>
#include <sys/poll.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

#define HOUR 3600
enum { FAST, SLOW, LONG, IDLE, ONCE, ABSOLUTE, ALARM, FDS };
static int fds[FDS], ends[2];
static volatile int alarms;

static void on_alarm(int signal)
{
	alarms++;
}

static int make(int clock, int flags, struct itimerspec time)
{
	int fd = timerfd_create(clock, TFD_NONBLOCK);

	if (fd >= 0)
		timerfd_settime(fd, flags, &time, 0);
	return fd;
}

// Expirations until now; waits for the first.
static uint64_t ticks(int fd)
{
	struct pollfd poll_fd = { fd, POLLIN };
	uint64_t count = 0;

	if (poll(&poll_fd, 1, 2000) == 1)
		read(fd, &count, 8);
	return count;
}

static void block_alarm(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(how, &set, 0);
}

static void send_timer(void)
{
	int fd = make(CLOCK_MONOTONIC, 0, (struct itimerspec){ { 0, 20000000 }, { 0, 20000000 } });

	send_fd(ends[0], fd);
	close(fd);
}

static void set_up(void)
{
	fds[LONG] = make(CLOCK_MONOTONIC, 0, (struct itimerspec){ { HOUR, 0 }, { 0, 1000000 } });
	fds[ONCE] = make(CLOCK_BOOTTIME, 0, (struct itimerspec){ { 0, 0 }, { 0, 1000000 } });
	send_timer();
	block_alarm(SIG_BLOCK);
	// All of it is over by far when the dump comes.
	usleep(100000);
}

static void verify(void)
{
	struct itimerspec time;
	struct itimerval interval;
	char text[200] = { 0 };
	int i, fd;

	for (i = 0; i < 3; i++) {
		CHECK(ticks(fds[FAST]) > 0);
		CHECK(ticks(fds[SLOW]) > 0);
	}
	// The next period began when the last was over, not when it was restored.
	CHECK(timerfd_gettime(fds[LONG], &time) == 0 && time.it_interval.tv_sec == HOUR);
	CHECK(time.it_value.tv_sec < HOUR - 1 || time.it_value.tv_nsec < 901000000);
	CHECK(time.it_value.tv_sec < HOUR && time.it_value.tv_sec > HOUR - 600);
	CHECK(ticks(fds[LONG]) == 1);
	CHECK(timerfd_gettime(fds[IDLE], &time) == 0 && time.it_interval.tv_sec == 5);
	CHECK(time.it_value.tv_sec == 0 && time.it_value.tv_nsec == 0);
	CHECK(timerfd_gettime(fds[ONCE], &time) == 0 && time.it_value.tv_sec == 0 && time.it_value.tv_nsec == 0);
	CHECK(ticks(fds[ONCE]) == 1);
	CHECK(timerfd_gettime(fds[ABSOLUTE], &time) == 0 && time.it_value.tv_sec > HOUR - 200);
	CHECK(time.it_value.tv_sec < HOUR);
	sprintf(text, "/proc/self/fdinfo/%d", fds[ABSOLUTE]);
	fd = open(text, O_RDONLY);
	read(fd, text, sizeof(text) - 1);
	close(fd);
	CHECK(strstr(text, "settime flags: 03\n"));
	if (fds[ALARM] >= 0)
		CHECK(timerfd_gettime(fds[ALARM], &time) == 0 && time.it_value.tv_sec > HOUR - 200);

	fd = receive_fd(ends[1], MSG_DONTWAIT);
	CHECK(fd >= 0);
	CHECK(timerfd_gettime(fd, &time) == 0 && time.it_interval.tv_nsec == 20000000);
	for (i = 0; i < 3; i++)
		CHECK(ticks(fd) > 0);
	close(fd);

	alarms = 0;
	block_alarm(SIG_UNBLOCK);
	for (i = 0; i < 400 && alarms < 3; i++)
		usleep(5000);
	CHECK(alarms >= 3);
	CHECK(getitimer(ITIMER_VIRTUAL, &interval) == 0 && interval.it_interval.tv_sec == 7);
	CHECK(interval.it_value.tv_sec == 0 && interval.it_value.tv_usec == 0);
	close(fds[LONG]);
	close(fds[ONCE]);
	set_up();
	say("ok\n");
}

int main(void)
{
	struct timespec now;
	sigset_t set;
	int signal_number;

	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	signal(SIGALRM, on_alarm);
	fds[FAST] = make(CLOCK_REALTIME, 0, (struct itimerspec){ { 0, 1000 }, { 0, 1000 } });
	fds[SLOW] = make(CLOCK_BOOTTIME, 0, (struct itimerspec){ { 0, 20000000 }, { 0, 20000000 } });
	fds[IDLE] = make(CLOCK_MONOTONIC, 0, (struct itimerspec){ { 5, 0 }, { 0, 0 } });
	clock_gettime(CLOCK_REALTIME, &now);
	fds[ABSOLUTE] = make(CLOCK_REALTIME, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
			     (struct itimerspec){ { 0, 0 }, { now.tv_sec + HOUR, 0 } });
	fds[ALARM] = make(CLOCK_BOOTTIME_ALARM, 0, (struct itimerspec){ { 0, 0 }, { HOUR, 0 } });
	setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 20000 }, { 0, 20000 } }, 0);
	setitimer(ITIMER_VIRTUAL, &(struct itimerval){ { 7, 0 }, { 0, 0 } }, 0);
	set_up();
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, 0);
	say("ready\n");
	for (;;) {
		sigwait(&set, &signal_number);
		verify();
	}
}
