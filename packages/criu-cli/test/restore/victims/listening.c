// Two sockets listen on one port, of which one says no more that it shares it; a connection waits to be accepted.
#include "say.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static struct sockaddr_in lo = { .sin_family = AF_INET };
static int listening[2], waiting;

static int shares(int fd)
{
	int value = -1;
	socklen_t length = sizeof(value);

	getsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &value, &length);
	return value;
}

static void verify(int signal)
{
	char byte;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	CHECK(shares(listening[0]) == 0 && shares(listening[1]) == 1);
	CHECK(connect(fd, (void *)&lo, sizeof(lo)) == 0);
	close(fd);
	CHECK(recv(waiting, &byte, 1, MSG_DONTWAIT) <= 0);
	say("ok\n");
}

int main(void)
{
	socklen_t length = sizeof(lo);
	int one = 1, none = 0;

	lo.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int i = 0; i < 2; i++) {
		listening[i] = socket(AF_INET, SOCK_STREAM, 0);
		setsockopt(listening[i], SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
		bind(listening[i], (void *)&lo, sizeof(lo));
		listen(listening[i], 8);
		getsockname(listening[i], (void *)&lo, &length);
	}
	setsockopt(listening[0], SOL_SOCKET, SO_REUSEPORT, &none, sizeof(none));
	waiting = socket(AF_INET, SOCK_STREAM, 0);
	connect(waiting, (void *)&lo, sizeof(lo));
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
