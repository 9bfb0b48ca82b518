// An epoll that watches files under numbers which were closed since, and how it polls devices.
#include "../../restore/victims/say.h"
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

struct params {
	uint32_t usecs;
	uint16_t budget;
	uint8_t prefer, pad;
};
#define SET_PARAMS _IOW(0x8a, 1, struct params)
#define GET_PARAMS _IOR(0x8a, 2, struct params)

static int epoll, twice, thrice, other, reused;
static int has_params;

static void add(int fd, int data)
{
	struct epoll_event event = { EPOLLIN, { .u64 = data } };

	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

/* Which of the watched files are readable, as bits. */
static int readable(void)
{
	struct epoll_event events[16];
	int bits = 0, n = epoll_wait(epoll, events, 16, 0);

	while (n-- > 0)
		bits |= 1 << events[n].data.u64;
	return bits;
}

static void verify(int signal)
{
	struct params now = { 0 };
	struct epoll_event event = { EPOLLIN, { .u64 = 9 } };

	(void)signal;
	CHECK(readable() == (1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6));
	/* It was not added under this number. */
	CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, other, &event) == 0);
	CHECK(epoll_ctl(epoll, EPOLL_CTL_DEL, other, 0) == 0);
	/* That of the same number now is another one. */
	CHECK(epoll_ctl(epoll, EPOLL_CTL_DEL, reused, 0) == 0);
	add(reused, 6);
	CHECK(!has_params || (ioctl(epoll, GET_PARAMS, &now) == 0 && now.usecs == 100 && now.budget == 8 && now.prefer == 1));
	say("ok\n");
}

int main(void)
{
	struct params params = { 100, 8, 1 };
	int first, second;

	epoll = epoll_create1(0);
	has_params = ioctl(epoll, SET_PARAMS, &params) == 0;
	/* Added under its number and under that of a duplicate, of which one is closed. */
	first = eventfd(1, 0);
	twice = dup(first);
	add(first, 1);
	add(twice, 2);
	close(first);
	/* Added under two numbers that are closed both. */
	first = eventfd(1, 0);
	second = dup(first);
	thrice = dup(first);
	add(first, 3);
	add(second, 4);
	close(first);
	close(second);
	/* The number that was closed is that of another file now, which is watched as well. */
	first = eventfd(1, 0);
	other = dup(first);
	add(first, 5);
	close(first);
	reused = eventfd(1, 0);
	add(reused, 6);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
