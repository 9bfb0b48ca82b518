// Sockets of several network namespaces in one task: its own, one that only a descriptor keeps, one that only a socket keeps, and
// that of a child. Two of them have the ends of a pair of devices, by which a datagram gets across.
#include "../../restore/victims/say.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#ifndef SIOCGSKNS
#define SIOCGSKNS 0x894C
#endif
#define NAME "criu-net-sockets"
#define PORT 7171

enum { TCP, UDP, FRESH, RAW, ABSTRACT, PAIR_A, PAIR_B, ROUTE, PACKET, KINDS };

static int netns[2], sockets[2][KINDS], lonely, to_child[2], from_child[2];

static ino_t network_of(int fd)
{
	struct stat st = { 0 };
	int net = ioctl(fd, SIOCGSKNS);

	fstat(net, &st);
	close(net);
	return st.st_ino;
}

static ino_t inode(int fd)
{
	struct stat st = { 0 };

	fstat(fd, &st);
	return st.st_ino;
}

static struct sockaddr *in(void *at, const char *address, int port)
{
	struct sockaddr_in *to = at;

	memset(to, 0, sizeof(*to));
	to->sin_family = AF_INET;
	to->sin_port = htons(port);
	inet_pton(AF_INET, address, &to->sin_addr);
	return at;
}

static int abstract(struct sockaddr_un *to)
{
	memset(to, 0, sizeof(*to));
	to->sun_family = AF_UNIX;
	strcpy(to->sun_path + 1, NAME);
	return offsetof(struct sockaddr_un, sun_path) + 1 + strlen(NAME);
}

static int set_up(int control, const char *name, const char *address)
{
	struct ifreq one = { 0 };

	strcpy(one.ifr_name, name);
	in(&one.ifr_addr, address, 0);
	if (ioctl(control, SIOCSIFADDR, &one))
		return -1;
	in(&one.ifr_netmask, "255.255.255.0", 0);
	ioctl(control, SIOCSIFNETMASK, &one);
	one.ifr_flags = IFF_UP;
	return ioctl(control, SIOCSIFFLAGS, &one);
}

static void *add(struct nlmsghdr *to, int type, const void *content, int size)
{
	struct rtattr *at = (void *)((char *)to + NLMSG_ALIGN(to->nlmsg_len));

	at->rta_type = type;
	at->rta_len = RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(at), content, size);
	to->nlmsg_len = NLMSG_ALIGN(to->nlmsg_len) + RTA_ALIGN(at->rta_len);
	return at;
}

static void end(struct nlmsghdr *of, struct rtattr *nest)
{
	nest->rta_len = (char *)of + of->nlmsg_len - (char *)nest;
}

/* ve0 here, ve1 in another namespace. */
static int make_pair(int route, int other)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg link;
		char room[512];
	} ask = { { NLMSG_LENGTH(sizeof(struct ifinfomsg)), RTM_NEWLINK,
		    NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL } };
	struct ifinfomsg peer = { .ifi_index = 31 };
	struct rtattr *info, *data, *of_peer;
	char answer[4096];

	ask.link.ifi_index = 30;
	add(&ask.head, IFLA_IFNAME, "ve0", 4);
	info = add(&ask.head, IFLA_LINKINFO, 0, 0);
	add(&ask.head, IFLA_INFO_KIND, "veth", 4);
	data = add(&ask.head, IFLA_INFO_DATA, 0, 0);
	of_peer = add(&ask.head, VETH_INFO_PEER, &peer, sizeof(peer));
	add(&ask.head, IFLA_IFNAME, "ve1", 4);
	add(&ask.head, IFLA_NET_NS_FD, &other, sizeof(other));
	end(&ask.head, of_peer);
	end(&ask.head, data);
	end(&ask.head, info);
	send(route, &ask, ask.head.nlmsg_len, 0);
	recv(route, answer, sizeof(answer), 0);
	return ((struct nlmsgerr *)NLMSG_DATA(answer))->error;
}

static int make(int *of, const char *address)
{
	struct sockaddr_in to;
	struct sockaddr_un name;
	int length = abstract(&name);

	of[TCP] = socket(AF_INET, SOCK_STREAM, 0);
	if (set_up(of[TCP], "lo", "127.0.0.1") || bind(of[TCP], in(&to, "127.0.0.1", PORT), sizeof(to)) ||
	    listen(of[TCP], 1))
		return 1;
	of[UDP] = socket(AF_INET, SOCK_DGRAM, 0);
	if (bind(of[UDP], in(&to, "0.0.0.0", PORT), sizeof(to)))
		return 2;
	of[FRESH] = socket(AF_INET6, SOCK_STREAM, 0);
	of[RAW] = socket(AF_INET, SOCK_RAW, 99);
	of[ABSTRACT] = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (bind(of[ABSTRACT], (void *)&name, length) || socketpair(AF_UNIX, SOCK_STREAM, 0, of + PAIR_A))
		return 3;
	of[ROUTE] = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	of[PACKET] = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
	return 0;
}

/* A datagram from one namespace reaches the other by the pair of devices, and the abstract name is found in each. */
static int is_connected(void)
{
	struct timeval limit = { 5 };
	struct sockaddr_in to;
	struct sockaddr_un name;
	int length = abstract(&name), i;
	char got[8] = "";

	setsockopt(sockets[1][UDP], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (sendto(sockets[0][UDP], "across", 6, 0, in(&to, "10.77.0.2", PORT), sizeof(to)) != 6 ||
	    recv(sockets[1][UDP], got, 6, 0) != 6 || memcmp(got, "across", 6))
		return 0;
	for (i = 0; i < 2; i++) {
		setsockopt(sockets[i][ABSTRACT], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
		if (sendto(sockets[i][ABSTRACT], i ? "one" : "zero", 3, 0, (void *)&name, length) != 3 ||
		    recv(sockets[i][ABSTRACT], got, 8, 0) != 3 || got[0] != (i ? 'o' : 'z'))
			return 0;
	}
	return 1;
}

static void verify(int signal)
{
	struct ifreq one = { 0 };
	char answer = 0;
	int i, kind;

	CHECK(inode(netns[0]) != inode(netns[1]));
	for (i = 0; i < 2; i++)
		for (kind = 0; kind < KINDS; kind++)
			CHECK(network_of(sockets[i][kind]) == inode(netns[i]));
	CHECK(network_of(lonely) != inode(netns[0]) && network_of(lonely) != inode(netns[1]));
	strcpy(one.ifr_name, "lo");
	CHECK(ioctl(lonely, SIOCGIFADDR, &one) == 0);
	CHECK(((struct sockaddr_in *)&one.ifr_addr)->sin_addr.s_addr == inet_addr("127.3.3.3"));
	CHECK(is_connected());
	CHECK(write(to_child[1], "?", 1) == 1 && read(from_child[0], &answer, 1) == 1 && answer == 'y');
	say("ok\n");
}

/* It is in a namespace of its own, has a socket of that, and one that came from its parent. */
static void child(int inherited)
{
	ino_t parents = network_of(inherited);
	int own, mine;
	char c;

	unshare(CLONE_NEWNET);
	own = socket(AF_INET, SOCK_DGRAM, 0);
	mine = open("/proc/self/ns/net", O_RDONLY);
	write(from_child[1], "r", 1);
	while (read(to_child[0], &c, 1) == 1)
		write(from_child[1],
		      network_of(own) == inode(mine) && network_of(inherited) == inode(netns[0]) &&
				      inode(mine) != inode(netns[0])
			      ? "y"
			      : "n",
		      1);
	_exit(parents == 0);
}

int main(void)
{
	char c;
	int failed;

	pipe(to_child);
	pipe(from_child);
	if (unshare(CLONE_NEWNET))
		return 1;
	netns[0] = open("/proc/self/ns/net", O_RDONLY);
	if ((failed = make(sockets[0], "10.77.0.1")))
		return 10 + failed;
	if (unshare(CLONE_NEWNET))
		return 1;
	netns[1] = open("/proc/self/ns/net", O_RDONLY);
	if ((failed = make(sockets[1], "10.77.0.2")))
		return 20 + failed;
	if (make_pair(sockets[0][ROUTE], netns[1]) || set_up(sockets[0][UDP], "ve0", "10.77.0.1") ||
	    set_up(sockets[1][UDP], "ve1", "10.77.0.2"))
		return 2;
	unshare(CLONE_NEWNET);
	lonely = socket(AF_INET, SOCK_DGRAM, 0);
	if (set_up(lonely, "lo", "127.3.3.3"))
		return 3;
	setns(netns[0], CLONE_NEWNET);
	if (!is_connected())
		return 4;
	if (fork() == 0)
		child(sockets[0][TCP]);
	read(from_child[0], &c, 1);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
