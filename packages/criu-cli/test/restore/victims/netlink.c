// Netlink sockets: groups beyond those an address has room for, groups without an address, destinations, options.
#include "say.h"
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

static int many, nameless, connected, to_kernel, receiver;
static unsigned port;

static struct sockaddr_nl own(int s)
{
	struct sockaddr_nl name = { 0 };
	socklen_t length = sizeof(name);

	getsockname(s, (void *)&name, &length);
	return name;
}

static int option(int s, int name)
{
	int value = -1;
	socklen_t length = sizeof(value);

	return getsockopt(s, SOL_NETLINK, name, &value, &length) == 0 ? value : -1;
}

static void on(int s, int name, int value)
{
	setsockopt(s, SOL_NETLINK, name, &value, sizeof(value));
}

static int member(int s, int group)
{
	unsigned words[8] = { 0 };
	socklen_t length = sizeof(words);

	return getsockopt(s, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, words, &length) == 0 &&
	       (words[(group - 1) / 32] >> ((group - 1) % 32) & 1);
}

static int receives(int from)
{
	struct nlmsghdr message = { sizeof(message), 0x1234, 0, 7 }, got = { 0 };

	return send(from, &message, sizeof(message), 0) == sizeof(message) &&
	       recv(receiver, &got, sizeof(got), MSG_DONTWAIT) == sizeof(got) && got.nlmsg_type == 0x1234;
}

static void verify(int signal)
{
	struct sockaddr_nl peer = { 0 };
	socklen_t length = sizeof(peer), size = sizeof(int);
	int type = 0;

	CHECK(member(many, RTNLGRP_LINK) && member(many, RTNLGRP_BRVLAN) && !member(many, RTNLGRP_NEXTHOP));
	CHECK(own(many).nl_groups == 1 && own(many).nl_pid == port);
	CHECK(member(nameless, RTNLGRP_NEIGH) && member(nameless, RTNLGRP_BRVLAN) && own(nameless).nl_pid == 0);
	CHECK(option(many, NETLINK_EXT_ACK) == 1 && option(many, NETLINK_CAP_ACK) == 0);
	CHECK(option(nameless, NETLINK_NO_ENOBUFS) == 1 && option(nameless, NETLINK_PKTINFO) == 1);
	CHECK(getsockopt(nameless, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM);
	CHECK(getpeername(connected, (void *)&peer, &length) == 0 && peer.nl_groups == 1 << 4 && peer.nl_pid == own(receiver).nl_pid);
	CHECK(receives(connected));
	// Who is connected to the kernel takes from nobody else.
	peer = own(to_kernel);
	CHECK(sendto(receiver, "x", 1, 0, (void *)&peer, sizeof(peer)) < 0 && errno == ECONNREFUSED);
	say("ok\n");
}

int main(void)
{
	struct sockaddr_nl kernel = { AF_NETLINK }, first = { AF_NETLINK, 0, 0, 1 }, group = { AF_NETLINK, 0, 0, 1 << 4 };

	many = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	bind(many, (void *)&first, sizeof(first));
	on(many, NETLINK_ADD_MEMBERSHIP, RTNLGRP_BRVLAN);
	on(many, NETLINK_EXT_ACK, 1);
	port = own(many).nl_pid;
	nameless = socket(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE);
	on(nameless, NETLINK_ADD_MEMBERSHIP, RTNLGRP_NEIGH);
	on(nameless, NETLINK_ADD_MEMBERSHIP, RTNLGRP_BRVLAN);
	on(nameless, NETLINK_NO_ENOBUFS, 1);
	on(nameless, NETLINK_PKTINFO, 1);
	receiver = socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK);
	bind(receiver, (void *)&group, sizeof(group));
	connected = socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK);
	group.nl_pid = own(receiver).nl_pid;
	connect(connected, (void *)&group, sizeof(group));
	to_kernel = socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK);
	connect(to_kernel, (void *)&kernel, sizeof(kernel));
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
