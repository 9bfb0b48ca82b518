// Listens by MPTCP, as servers in Go do: on a port of IPv4, on one of IPv6; has a socket that is not bound, and a connection of a
// client that speaks TCP only. With CONNECTED it has one of a client that speaks MPTCP, too.
#include "say.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static int listening[2], unbound, server, client;
static struct sockaddr_in6 places[2];

static int option(int fd, int level, int name)
{
	int value = -1;
	socklen_t length = sizeof(value);

	return getsockopt(fd, level, name, &value, &length) == 0 ? value : -1;
}

static int accepted(int fd, int *other, const struct sockaddr_in6 *place, int protocol)
{
	*other = socket(place->sin6_family, SOCK_STREAM, protocol);
	CHECK(connect(*other, (void *)place, sizeof(*place)) == 0);
	return accept(fd, NULL, NULL);
}

static void verify(int signal)
{
	char bytes[3];

	for (int i = 0; i < 2; i++) {
		int other, one;

		CHECK(option(listening[i], SOL_SOCKET, SO_PROTOCOL) == IPPROTO_MPTCP);
		CHECK(option(listening[i], SOL_SOCKET, SO_ACCEPTCONN) == 1);
		CHECK(option(listening[i], SOL_SOCKET, SO_REUSEADDR) == i);
		one = accepted(listening[i], &other, &places[i], i ? IPPROTO_MPTCP : IPPROTO_TCP);
		CHECK(one >= 0 && write(other, "ab", 2) == 2 && read(one, bytes, 3) == 2);
		CHECK(option(one, SOL_SOCKET, SO_PROTOCOL) == (i ? IPPROTO_MPTCP : IPPROTO_TCP));
		close(one);
		close(other);
	}
	CHECK(option(unbound, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_MPTCP);
	CHECK(write(client, "cd", 2) == 2 && read(server, bytes, 3) == 2 && bytes[1] == 'd');
	say("ok\n");
}

int main(void)
{
	int one = 1;

	for (int i = 0; i < 2; i++) {
		socklen_t length = sizeof(places[i]);
		struct sockaddr_in *v4 = (void *)&places[0];

		places[i].sin6_family = i ? AF_INET6 : AF_INET;
		if (i)
			places[i].sin6_addr = in6addr_loopback;
		else
			v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		listening[i] = socket(places[i].sin6_family, SOCK_STREAM, IPPROTO_MPTCP);
		if (listening[i] < 0) {
			say("missing\n");
			return 0;
		}
		if (i)
			setsockopt(listening[i], SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		CHECK(bind(listening[i], (void *)&places[i], length) == 0 && listen(listening[i], 8) == 0);
		getsockname(listening[i], (void *)&places[i], &length);
	}
	unbound = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
	server = accepted(listening[0], &client, &places[0], IPPROTO_TCP);
	if (getenv("CONNECTED")) {
		int other;

		accepted(listening[0], &other, &places[0], IPPROTO_MPTCP);
	}
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
