// Files of /dev/net/tun: one without a device, one of a device that stays, two queues of another, one of them detached.
#include "say.h"
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>

static int loose, single, queues[2];

static int attach(int fd, const char *name, int flags)
{
	struct ifreq request = { .ifr_flags = flags };

	strcpy(request.ifr_name, name);
	return ioctl(fd, TUNSETIFF, &request);
}

static int queue(int fd, int how)
{
	struct ifreq request = { .ifr_flags = how };

	return ioctl(fd, TUNSETQUEUE, &request);
}

static int is(int fd, const char *name, int flags)
{
	struct ifreq request = { 0 };

	return ioctl(fd, TUNGETIFF, &request) == 0 && !strcmp(request.ifr_name, name) &&
	       (request.ifr_flags & flags) == flags;
}

static int opened(int flags)
{
	return open("/dev/net/tun", O_RDWR | flags);
}

static void verify(int signal)
{
	struct ifreq request;

	CHECK(ioctl(loose, TUNGETIFF, &request) == -1 && errno == EBADFD);
	CHECK(is(single, "criutest0", IFF_TUN | IFF_NO_PI | IFF_PERSIST));
	CHECK(fcntl(single, F_GETFL) & O_NONBLOCK);
	CHECK(is(queues[0], "criutest1", IFF_TAP | IFF_MULTI_QUEUE) && is(queues[1], "criutest1", IFF_DETACH_QUEUE));
	CHECK(queue(queues[1], IFF_ATTACH_QUEUE) == 0 && queue(queues[1], IFF_DETACH_QUEUE) == 0);
	CHECK(queue(queues[0], IFF_ATTACH_QUEUE) == -1);
	say("ok\n");
}

int main(void)
{
	int stays = !getenv("PASSING");

	loose = opened(0);
	single = opened(O_NONBLOCK);
	attach(single, "criutest0", IFF_TUN | IFF_NO_PI);
	ioctl(single, TUNSETPERSIST, stays);
	for (int i = 0; i < 2; i++) {
		queues[i] = opened(0);
		attach(queues[i], "criutest1", IFF_TAP | IFF_MULTI_QUEUE);
	}
	ioctl(queues[0], TUNSETPERSIST, stays);
	queue(queues[1], IFF_DETACH_QUEUE);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
