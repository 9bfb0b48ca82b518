// A network namespace that a restore leaves empty: connections over lo by IPv4 and IPv6, a server for more of them, and a child in a
// namespace of its own, in which lo has an address.
#include "../../restore/victims/say.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define SIZE sizeof(struct sockaddr_in6)

static int server, near[2], far[2];

static struct sockaddr *ipv4(void *at, const char *address)
{
	struct sockaddr_in *to = at;

	to->sin_family = AF_INET;
	inet_pton(AF_INET, address, &to->sin_addr);
	return at;
}

static int raise_lo(const char *address)
{
	struct ifreq lo = { .ifr_name = "lo" };
	int control = socket(AF_INET, SOCK_DGRAM, 0), failed;

	ipv4(&lo.ifr_addr, address);
	failed = ioctl(control, SIOCSIFADDR, &lo);
	lo.ifr_flags = IFF_UP;
	failed |= ioctl(control, SIOCSIFFLAGS, &lo);
	close(control);
	return failed;
}

static int connect_to(int listener)
{
	struct sockaddr_in6 name;
	socklen_t size = sizeof(name);
	int fd;

	getsockname(listener, (void *)&name, &size);
	fd = socket(name.sin6_family, SOCK_STREAM, 0);
	return connect(fd, (void *)&name, size) ? -1 : fd;
}

static int pair(struct sockaddr *address, int i)
{
	int listener = socket(address->sa_family, SOCK_STREAM, 0);

	if (bind(listener, address, SIZE) || listen(listener, 5))
		return -1;
	near[i] = connect_to(listener);
	far[i] = accept(listener, NULL, NULL);
	write(near[i], "sent before", 11);
	if (i)
		close(listener);
	else
		server = listener;
	return near[i] < 0 || far[i] < 0;
}

static void verify(int signal)
{
	char text[32] = "";
	int fd;

	for (int i = 0; i < 2; i++) {
		CHECK(read(far[i], text, 11) == 11 && memcmp(text, "sent before", 11) == 0);
		CHECK(write(far[i], "answer", 6) == 6);
		CHECK(read(near[i], text, 6) == 6 && memcmp(text, "answer", 6) == 0);
		CHECK(write(near[i], "sent before", 11) == 11);
	}
	CHECK((fd = connect_to(server)) >= 0);
	close(fd);
	CHECK((fd = accept(server, NULL, NULL)) >= 0);
	close(fd);
	say("ok\n");
}

int main(void)
{
	struct sockaddr_in local4 = { 0 };
	struct sockaddr_in6 local6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	char c;
	int ready[2];

	if (unshare(CLONE_NEWNET) || raise_lo("127.0.0.1"))
		return 1;
	if (pair(ipv4(&local4, "127.0.0.1"), 0) || pair((void *)&local6, 1))
		return 2;
	if (getenv("CHILD")) {
		pipe(ready);
		if (fork() == 0) {
			if (unshare(CLONE_NEWNET) || raise_lo("10.88.0.1"))
				_exit(3);
			write(ready[1], "", 1);
			for (;;)
				pause();
		}
		read(ready[0], &c, 1);
	}
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
