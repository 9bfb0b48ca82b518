// Raw and ICMP sockets with their options, and a TCP connection that both sides have closed, with bytes not read yet.
#include "say.h"
#include <arpa/inet.h>
#include <linux/icmp.h>
#include <linux/in6.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define HDRINCL6 36

static int raw4, raw6, plain, ping, server, client;
static struct icmp_filter filter4 = { ~(1U << ICMP_ECHOREPLY) };
static struct icmp6_filter filter6;

static int number(int fd, int level, int name)
{
	int value = -1;
	socklen_t length = sizeof(value);

	return getsockopt(fd, level, name, &value, &length) ? -1 : value;
}

static int state(int fd)
{
	unsigned char info[8];
	socklen_t length = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &length) ? -1 : info[0];
}

/* A peer without a port is told by nobody, but send() works only with one. */
static int has_peer(int fd)
{
	char packet[64] = { ICMP_ECHO };

	return send(fd, packet, sizeof(packet), 0) == sizeof(packet);
}

static void verify(int signal)
{
	struct icmp_filter now4;
	struct icmp6_filter now6;
	struct sockaddr_in own;
	char text[8] = "";
	socklen_t length = sizeof(now4);

	CHECK(getsockopt(raw4, SOL_RAW, ICMP_FILTER, &now4, &length) == 0 && now4.data == filter4.data);
	CHECK(number(raw4, SOL_SOCKET, SO_TYPE) == SOCK_RAW && number(raw4, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_ICMP);
	CHECK(number(raw4, IPPROTO_IP, IP_HDRINCL) == 0);
	CHECK(has_peer(raw4));
	length = sizeof(own);
	CHECK(getsockname(raw4, (void *)&own, &length) == 0 && own.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
	length = sizeof(now6);
	CHECK(getsockopt(raw6, IPPROTO_ICMPV6, ICMP6_FILTER, &now6, &length) == 0);
	CHECK(!memcmp(&now6, &filter6, sizeof(now6)));
	CHECK(number(plain, IPPROTO_IP, IP_HDRINCL) == 1 && number(plain, IPPROTO_IP, IP_NODEFRAG) == 1);
	CHECK(number(plain, SOL_SOCKET, SO_PROTOCOL) == 200);
	CHECK(!has_peer(plain));
	length = sizeof(own);
	CHECK(getsockname(ping, (void *)&own, &length) == 0 && ntohs(own.sin_port) == 4711);
	CHECK(number(ping, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_ICMP && has_peer(ping));
	CHECK(state(server) == TCP_CLOSE && state(client) == TCP_CLOSE);
	CHECK(recv(server, text, sizeof(text), MSG_PEEK | MSG_DONTWAIT) == 3 && !strcmp(text, "bye"));
	CHECK(recv(client, text, sizeof(text), MSG_DONTWAIT) == 0);
	CHECK(send(client, text, 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
	say("ok\n");
}

int main(void)
{
	struct sockaddr_in lo = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(lo);
	int one = 1, listening;

	raw4 = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	setsockopt(raw4, SOL_RAW, ICMP_FILTER, &filter4, sizeof(filter4));
	bind(raw4, (void *)&lo, sizeof(lo));
	connect(raw4, (void *)&lo, sizeof(lo));
	raw6 = socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
	ICMP6_FILTER_SETBLOCKALL(&filter6);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter6);
	setsockopt(raw6, IPPROTO_ICMPV6, ICMP6_FILTER, &filter6, sizeof(filter6));
	plain = socket(AF_INET, SOCK_RAW, 200);
	setsockopt(plain, IPPROTO_IP, IP_HDRINCL, &one, sizeof(one));
	setsockopt(plain, IPPROTO_IP, IP_NODEFRAG, &one, sizeof(one));
	setegid(atoi(getenv("PING_GROUP")));
	ping = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
	setegid(0);
	lo.sin_port = htons(4711);
	bind(ping, (void *)&lo, sizeof(lo));
	lo.sin_port = 0;
	connect(ping, (void *)&lo, sizeof(lo));
	listening = socket(AF_INET, SOCK_STREAM, 0);
	bind(listening, (void *)&lo, sizeof(lo));
	listen(listening, 1);
	getsockname(listening, (void *)&lo, &length);
	client = socket(AF_INET, SOCK_STREAM, 0);
	connect(client, (void *)&lo, sizeof(lo));
	server = accept(listening, 0, 0);
	close(listening);
	send(client, "bye", 3, 0);
	shutdown(client, SHUT_WR);
	shutdown(server, SHUT_WR);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
