// Both ends of a TCP connection, which are to come back closed.
#include "say.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static int ends[2];

static void verify(int signal)
{
	for (int i = 0; i < 2; i++) {
		unsigned char info[8];
		socklen_t length = sizeof(info);
		char byte;

		CHECK(getsockopt(ends[i], IPPROTO_TCP, TCP_INFO, info, &length) == 0 && info[0] == TCP_CLOSE);
		CHECK(recv(ends[i], &byte, 1, MSG_DONTWAIT) == 0);
		CHECK(send(ends[i], &byte, 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
	}
	say("ok\n");
}

int main(void)
{
	struct sockaddr_in6 lo = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	socklen_t length = sizeof(lo);
	int listening = socket(AF_INET6, SOCK_STREAM, 0);

	bind(listening, (void *)&lo, sizeof(lo));
	listen(listening, 1);
	getsockname(listening, (void *)&lo, &length);
	ends[0] = socket(AF_INET6, SOCK_STREAM, 0);
	connect(ends[0], (void *)&lo, sizeof(lo));
	ends[1] = accept(listening, 0, 0);
	close(listening);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
