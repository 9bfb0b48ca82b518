// Sockets with an error that nobody was told yet (KIND): how a connection ended, or what became of a datagram.
#include "../../restore/victims/say.h"
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

static const char *kind;
static int family, fd, other = -1, expected;

static int is(const char *name)
{
	return !strncmp(kind, name, strlen(name));
}

static int fails(void)
{
	struct pollfd poller = { .fd = fd };

	return poll(&poller, 1, 5000) == 1 && poller.revents & POLLERR;
}

static int error(void)
{
	int value = -1;
	socklen_t size = sizeof(value);

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &size);
	return value;
}

static void verify(int sig)
{
	char got[10];

	if (is("notice") || is("queue")) {
		struct msghdr message = { 0 };
		CHECK(recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0);
		say("ok\n");
		return;
	}
	if (is("reset")) {
		CHECK(recv(fd, got, sizeof(got), MSG_DONTWAIT) == 4 && !memcmp(got, "last", 4));
		CHECK(recv(fd, got, sizeof(got), MSG_DONTWAIT) == -1 && errno == ECONNRESET);
	} else {
		errno = error();
		CHECK(errno == ECONNREFUSED);
	}
	// It is told once.
	CHECK(error() == 0);
	say("ok\n");
}

/* An address of this machine where nobody listens, or `fd` does. */
static socklen_t loopback(struct sockaddr_storage *address, int port)
{
	memset(address, 0, sizeof(*address));
	address->ss_family = family;
	if (family == AF_INET6) {
		struct sockaddr_in6 *in6 = (void *)address;
		in6->sin6_addr = in6addr_loopback;
		in6->sin6_port = htons(port);
		return sizeof(*in6);
	}
	struct sockaddr_in *in4 = (void *)address;
	in4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in4->sin_port = htons(port);
	return sizeof(*in4);
}

static void pair(void)
{
	struct sockaddr_storage address;
	socklen_t size = loopback(&address, 0);
	int listener = socket(family, SOCK_STREAM, 0);

	bind(listener, (void *)&address, size);
	listen(listener, 1);
	getsockname(listener, (void *)&address, &size);
	fd = socket(family, SOCK_STREAM, 0);
	connect(fd, (void *)&address, size);
	other = accept(listener, 0, 0);
	close(listener);
}

static void set_up(void)
{
	struct linger now = { .l_onoff = 1 };
	struct sockaddr_storage address;
	socklen_t size = loopback(&address, 9);
	static char data[20000];
	int on = 1;

	if (is("reset")) {
		pair();
		write(other, "last", 4);
		setsockopt(other, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		close(other);
	} else if (is("refused")) {
		fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fd, (void *)&address, size);
	} else if (is("notice")) {
		pair();
		setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on));
		send(fd, data, sizeof(data), MSG_ZEROCOPY);
		recv(other, data, sizeof(data), MSG_WAITALL);
	} else {
		fd = socket(family, SOCK_DGRAM, 0);
		if (is("queue"))
			setsockopt(fd, family == AF_INET ? SOL_IP : SOL_IPV6, family == AF_INET ? IP_RECVERR : IPV6_RECVERR, &on, sizeof(on));
		connect(fd, (void *)&address, size);
		send(fd, "nobody hears it", 15, 0);
	}
}

int main(void)
{
	kind = getenv("KIND");
	family = strchr(kind, '6') ? AF_INET6 : AF_INET;
	set_up();
	if (!fails())
		return 1;
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
