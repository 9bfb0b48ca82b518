// Sockets of the host's network namespace that are given to a task in a user namespace of its own, with options that only the host's root
// may set, and with datagrams that nobody has received. With OWN_NETWORK the task is in a network namespace of its own, too.
#include "own-users.h"
#include <arpa/inet.h>
#include <linux/net_tstamp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>
#include <time.h>

enum { TCP = 100, UDP, UDP6, FILTER, CLIENT, SERVER, END };

#define NOT_HERE "203.0.113.7"

static const int on = 1, mark = 5, priority = 7, room = 8 << 20, micros = 50, group = NFNLGRP_CONNTRACK_NEW;
static const struct sock_txtime at_time = { .clockid = CLOCK_TAI, .flags = SOF_TXTIME_REPORT_ERRORS };
// A router alert between two paddings.
static const unsigned char hop_options[8] = { 0, 0, 5, 2, 0, 0, 1, 0 };

static const struct {
	int fd, level, name, size;
	const void *value;
	// Other bytes than those that were set are read.
	int doubled;
} options[] = {
	{ TCP, IPPROTO_TCP, TCP_CONGESTION, 5, "cubic" },
	{ TCP, SOL_IP, IP_TRANSPARENT, 4, &on },
	{ TCP, SOL_SOCKET, SO_DEBUG, 4, &on },
	{ UDP, SOL_IP, IP_TRANSPARENT, 4, &on },
	{ UDP, SOL_SOCKET, SO_BINDTODEVICE, 3, "lo" },
	{ UDP, SOL_SOCKET, SO_MARK, 4, &mark },
	{ UDP, SOL_SOCKET, SO_PRIORITY, 4, &priority },
	{ UDP, SOL_SOCKET, SO_RCVBUFFORCE, 4, &room, 1 },
	{ UDP, SOL_SOCKET, SO_SNDBUFFORCE, 4, &room, 1 },
	{ UDP, SOL_SOCKET, SO_BUSY_POLL, 4, &micros },
	{ UDP, SOL_SOCKET, SO_PREFER_BUSY_POLL, 4, &on },
	{ UDP, SOL_SOCKET, SO_TXTIME, sizeof(at_time), &at_time },
	{ UDP6, SOL_IPV6, IPV6_TRANSPARENT, 4, &on },
	{ UDP6, SOL_IPV6, IPV6_HOPOPTS, 8, hop_options },
	{ UDP6, SOL_SOCKET, SO_RCVMARK, 4, &on },
	{ FILTER, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 4, &on },
	{ CLIENT, SOL_SOCKET, SO_MARK, 4, &mark },
	{ CLIENT, SOL_SOCKET, SO_BUSY_POLL, 4, &micros },
	{ SERVER, SOL_IP, IP_TRANSPARENT, 4, &on },
	{ SERVER, IPPROTO_TCP, TCP_CONGESTION, 5, "cubic" },
};

#define COUNT ((int)(sizeof(options) / sizeof(options[0])))

// The names for reading differ from those that exceed the limits.
static int read_by(int name)
{
	return name == SO_RCVBUFFORCE ? SO_RCVBUF : name == SO_SNDBUFFORCE ? SO_SNDBUF : name;
}

static int as_set(int i)
{
	unsigned char now[64] = { 0 };
	int twice = *(const int *)options[i].value * 2;
	socklen_t length = sizeof(now);

	if (getsockopt(options[i].fd, options[i].level, read_by(options[i].name), now, &length))
		return 0;
	return memcmp(now, options[i].doubled ? (const void *)&twice : options[i].value, options[i].size) == 0;
}

// The group of a netlink socket, as getsockopt(2) has it: a bit for each.
static int in_group(void)
{
	unsigned int groups[2] = { 0 };
	socklen_t length = sizeof(groups);

	getsockopt(FILTER, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, groups, &length);
	return groups[0] == 1u << (group - 1);
}

static void verify(int signal)
{
	char text[8], line[64];
	int queued = 0;

	for (int i = 0; i < COUNT; i++)
		if (!as_set(i)) {
			snprintf(line, sizeof(line), "option %d of level %d, fd %d\n", options[i].name, options[i].level, options[i].fd);
			say(line);
			return;
		}
	CHECK(in_group());
	// They stay where they are.
	while (recv(UDP, text, sizeof(text), MSG_PEEK | MSG_DONTWAIT) == 6 && queued == 0)
		queued++;
	CHECK(queued == 1 && memcmp(text, "queued", 6) == 0);
	CHECK(write(CLIENT, "ping", 4) == 4 && read(SERVER, text, 8) == 4);
	CHECK(write(SERVER, "pong", 4) == 4 && read(CLIENT, text, 8) == 4);
	say("ok\n");
}

static void put(int fd, int as)
{
	dup2(fd, as);
	close(fd);
}

// A connection to the address of the tests.
static void connect_both(struct sockaddr_in *address)
{
	int listening = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t length = sizeof(*address);

	address->sin_port = 0;
	if (bind(listening, (void *)address, sizeof(*address)) || listen(listening, 1))
		_exit(5);
	getsockname(listening, (void *)address, &length);
	put(socket(AF_INET, SOCK_STREAM, 0), CLIENT);
	if (connect(CLIENT, (void *)address, sizeof(*address)))
		_exit(6);
	put(accept(listening, NULL, NULL), SERVER);
	close(listening);
}

int main(void)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_addr.s_addr = inet_addr(getenv("ADDRESS")) };
	struct sockaddr_in elsewhere = { .sin_family = AF_INET, .sin_addr.s_addr = inet_addr(NOT_HERE) };
	socklen_t length = sizeof(here);
	int pid, sender = socket(AF_INET, SOCK_DGRAM, 0);

	connect_both(&here);
	put(socket(AF_INET, SOCK_STREAM, 0), TCP);
	put(socket(AF_INET, SOCK_DGRAM, 0), UDP);
	put(socket(AF_INET6, SOCK_DGRAM, 0), UDP6);
	put(socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER), FILTER);
	for (int i = 0; i < COUNT; i++)
		if (setsockopt(options[i].fd, options[i].level, options[i].name, options[i].value, options[i].size)) {
			printf("cannot set option %d of level %d, fd %d: %m\n", options[i].name, options[i].level, options[i].fd);
			return 2;
		}
	if (setsockopt(FILTER, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		return 3;
	here.sin_port = 0;
	// Only a transparent socket can be bound to an address that this machine does not have.
	if (bind(TCP, (void *)&elsewhere, sizeof(elsewhere)) || listen(TCP, 5) || bind(UDP, (void *)&here, sizeof(here)))
		return 4;
	getsockname(UDP, (void *)&here, &length);
	if (sendto(sender, "queued", 6, 0, (void *)&here, sizeof(here)) != 6)
		return 7;
	close(sender);
	pid = start_inside(getenv("OWN_NETWORK") ? CLONE_NEWNET : 0, verify);
	for (int fd = TCP; fd < END; fd++)
		close(fd);
	waitpid(pid, NULL, 0);
	for (;;)
		pause();
}
