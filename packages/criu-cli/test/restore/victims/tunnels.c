// Files of /dev/net/tun: one without a device, one of a device that stays, two queues of another, one of them detached. The
// name of the latter is no UTF-8; a socket is bound to it.
#include "say.h"
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define SECOND "criutest\xe9"

static int loose, single, queues[2], bound;

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
	char device[IFNAMSIZ] = "";
	socklen_t size = sizeof(device);

	CHECK(ioctl(loose, TUNGETIFF, &request) == -1 && errno == EBADFD);
	CHECK(is(single, "criutest0", IFF_TUN | IFF_NO_PI | IFF_PERSIST));
	CHECK(fcntl(single, F_GETFL) & O_NONBLOCK);
	CHECK(is(queues[0], SECOND, IFF_TAP | IFF_MULTI_QUEUE) && is(queues[1], SECOND, IFF_DETACH_QUEUE));
	CHECK(queue(queues[1], IFF_ATTACH_QUEUE) == 0 && queue(queues[1], IFF_DETACH_QUEUE) == 0);
	CHECK(queue(queues[0], IFF_ATTACH_QUEUE) == -1);
	CHECK(getsockopt(bound, SOL_SOCKET, SO_BINDTODEVICE, device, &size) == 0 && !strcmp(device, SECOND));
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
		attach(queues[i], SECOND, IFF_TAP | IFF_MULTI_QUEUE);
	}
	ioctl(queues[0], TUNSETPERSIST, stays);
	queue(queues[1], IFF_DETACH_QUEUE);
	bound = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(bound, SOL_SOCKET, SO_BINDTODEVICE, SECOND, strlen(SECOND));
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
