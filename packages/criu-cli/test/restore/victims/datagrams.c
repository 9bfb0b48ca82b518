// UDP sockets with unread datagrams: from whom they are, empty ones, what the receiver has asked to be told, and who of
// several sockets of a port has them.
#include "say.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static int plain, connected, dual, told, any, exact, shared[4], sender, sender6, peer;

static struct sockaddr_in at(const char *address, int port)
{
	struct sockaddr_in a = { AF_INET, htons(port) };

	inet_pton(AF_INET, address, &a.sin_addr);
	return a;
}

static int bound(const char *address, int port, int reuse)
{
	struct sockaddr_in a = at(address, port);
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	if (reuse)
		setsockopt(s, SOL_SOCKET, reuse, &(int){ 1 }, sizeof(int));
	if (bind(s, (void *)&a, sizeof(a)) < 0)
		say("cannot bind\n");
	return s;
}

static int port_of(int s)
{
	struct sockaddr_in6 a;
	socklen_t length = sizeof(a);

	getsockname(s, (void *)&a, &length);
	return ntohs(a.sin6_port);
}

static void put(int from, const char *text, const char *address, int port)
{
	struct sockaddr_in a = at(address, port);

	if (sendto(from, text, strlen(text), 0, (void *)&a, sizeof(a)) != (int)strlen(text))
		say("cannot send\n");
}

// Whether the next datagram is this one, from this socket on 127.0.0.1.
static int is(int s, const char *text, int from)
{
	char room[100];
	struct sockaddr_in a;
	socklen_t length = sizeof(a);
	int n = recvfrom(s, room, sizeof(room), MSG_DONTWAIT, (void *)&a, &length);

	return n == (int)strlen(text) && memcmp(room, text, n) == 0 && a.sin_addr.s_addr == htonl(INADDR_LOOPBACK) &&
	       a.sin_port == htons(port_of(from));
}

static int none(int s)
{
	char b;

	return recv(s, &b, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

static void verify(int signal)
{
	struct sockaddr_in6 six;
	struct iovec iov;
	char room[70000], control[200];
	struct msghdr m = { 0 };
	struct in_pktinfo *info;
	socklen_t length = sizeof(six);
	int n = 0;

	CHECK(is(plain, "one", sender));
	CHECK(is(plain, "", peer));
	CHECK(is(plain, "three", sender));
	CHECK(recv(plain, room, sizeof(room), MSG_DONTWAIT) == 60000 && room[59999] == 'b');
	CHECK(none(plain));
	CHECK(is(connected, "from the peer", peer) && none(connected));
	CHECK(recvfrom(dual, room, sizeof(room), MSG_DONTWAIT, (void *)&six, &length) == 3 && memcmp(room, "six", 3) == 0);
	CHECK(IN6_IS_ADDR_LOOPBACK(&six.sin6_addr) && ntohs(six.sin6_port) == port_of(sender6));
	CHECK(recvfrom(dual, room, sizeof(room), MSG_DONTWAIT, (void *)&six, &length) == 4 && memcmp(room, "four", 4) == 0);
	CHECK(IN6_IS_ADDR_V4MAPPED(&six.sin6_addr) && ntohs(six.sin6_port) == port_of(sender));
	iov = (struct iovec){ room, sizeof(room) };
	m = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	CHECK(recvmsg(told, &m, MSG_DONTWAIT) == 4 && CMSG_FIRSTHDR(&m) && CMSG_FIRSTHDR(&m)->cmsg_type == IP_PKTINFO);
	info = (void *)CMSG_DATA(CMSG_FIRSTHDR(&m));
	CHECK(info->ipi_ifindex == 1 && info->ipi_addr.s_addr == inet_addr("127.0.0.9"));
	CHECK(is(any, "to any", sender) && none(any));
	CHECK(is(exact, "to this", sender) && none(exact));
	for (int i = 0; i < 4; i++)
		for (char x; recv(shared[i], &x, 1, MSG_DONTWAIT) == 1; n++)
			CHECK(x == 'a' + i);
	CHECK(n == 16);
	say("ok\n");
}

int main(void)
{
	static char big[60000];
	struct sockaddr_in6 six = { AF_INET6 };
	struct sockaddr_in a;
	int port, from[16], who[16];

	sender = bound("127.0.0.1", 0, 0);
	peer = bound("127.0.0.1", 0, 0);
	sender6 = socket(AF_INET6, SOCK_DGRAM, 0);
	six.sin6_addr = in6addr_loopback;
	bind(sender6, (void *)&six, sizeof(six));

	plain = bound("127.0.0.1", 0, 0);
	put(sender, "one", "127.0.0.1", port_of(plain));
	put(peer, "", "127.0.0.1", port_of(plain));
	put(sender, "three", "127.0.0.1", port_of(plain));
	memset(big, 'b', sizeof(big));
	a = at("127.0.0.1", port_of(plain));
	sendto(sender, big, sizeof(big), 0, (void *)&a, sizeof(a));

	connected = bound("127.0.0.1", 0, 0);
	a = at("127.0.0.1", port_of(peer));
	connect(connected, (void *)&a, sizeof(a));
	put(peer, "from the peer", "127.0.0.1", port_of(connected));
	fcntl(connected, F_SETOWN, getpid());
	fcntl(connected, F_SETFL, O_ASYNC | O_NONBLOCK);

	dual = socket(AF_INET6, SOCK_DGRAM, 0);
	six.sin6_addr = in6addr_any;
	six.sin6_port = 0;
	bind(dual, (void *)&six, sizeof(six));
	six.sin6_addr = in6addr_loopback;
	six.sin6_port = htons(port_of(dual));
	sendto(sender6, "six", 3, 0, (void *)&six, sizeof(six));
	put(sender, "four", "127.0.0.1", port_of(dual));

	told = bound("0.0.0.0", 0, 0);
	setsockopt(told, SOL_IP, IP_PKTINFO, &(int){ 1 }, sizeof(int));
	put(sender, "told", "127.0.0.9", port_of(told));

	// The same port at all addresses and at one.
	any = bound("0.0.0.0", 0, SO_REUSEADDR);
	exact = bound("127.0.0.1", port_of(any), SO_REUSEADDR);
	put(sender, "to any", "127.0.0.2", port_of(any));
	put(sender, "to this", "127.0.0.1", port_of(any));

	shared[0] = bound("127.0.0.1", 0, SO_REUSEPORT);
	port = port_of(shared[0]);
	for (int i = 1; i < 4; i++)
		shared[i] = bound("127.0.0.1", port, SO_REUSEPORT);
	// Which of them gets it depends on who sends: each gets its own letter.
	for (int i = 0; i < 16; i++) {
		char x;

		from[i] = bound("127.0.0.1", 0, 0);
		put(from[i], "?", "127.0.0.1", port);
		for (int k = 0; k < 4; k++)
			if (recv(shared[k], &x, 1, MSG_DONTWAIT) == 1)
				who[i] = k;
	}
	for (int i = 0; i < 16; i++)
		put(from[i], (char[]){ 'a' + who[i], 0 }, "127.0.0.1", port);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
