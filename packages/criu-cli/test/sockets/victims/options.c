// Sockets of many kinds with every option set that lets itself be set to something: all of it reads the same afterwards.
#include "../../restore/victims/say.h"
#include <arpa/inet.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#ifndef SOL_UDP
#define SOL_UDP 17
#endif
#define SOL_UDPLITE 136
#define SOL_RAW 255
#define SOL_PACKET 263
#define SOL_NETLINK 270

static const int levels[] = { SOL_SOCKET, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, SOL_UDP, SOL_UDPLITE, SOL_RAW, SOL_PACKET, SOL_NETLINK };
#define LEVELS (int)(sizeof(levels) / sizeof(levels[0]))
#define NAMES 110
#define ROOM 512

/*
 * What is no option of the owner's: what the kernel counts and finds out itself, and of connections what it fills in though
 * it means nothing there.
 */
static int passing(int level, int name, int connection)
{
	if (connection && level == IPPROTO_IP && (name == 14 /* MTU */ || name == 33 /* MULTICAST_TTL */))
		return 1;
	if (connection && level == IPPROTO_IPV6 &&
	    (name == 17 /* MULTICAST_IF */ || name == 18 /* MULTICAST_HOPS */ || name == 24 /* MTU */ ||
	     name == 26 /* V6ONLY, which a bind sets */ || name == 61 /* PATHMTU */))
		return 1;
	if (connection && level == IPPROTO_TCP && name == 2 /* MAXSEG, which is the present one */)
		return 1;
	if (level == SOL_SOCKET)
		return name == 4 /* ERROR */ || name == 49 /* INCOMING_CPU */ || name == 55 /* MEMINFO */ ||
		       name == 56 /* INCOMING_NAPI_ID */ || name == 57 /* COOKIE */ || name == 66 || name == 67 ||
		       name == 17 /* PEERCRED */ || name == 77 /* PEERPIDFD */ || name == 78;
	if (level == IPPROTO_IP)
		return name == 9 /* PKTOPTIONS */;
	if (level == IPPROTO_IPV6)
		return name == 6 /* 2292PKTOPTIONS */ || name == 32 /* FLOWLABEL_MGR */;
	if (level == IPPROTO_TCP)
		return name == 11 /* INFO */ || name == 12 /* QUICKACK */ || name == 24 /* TIMESTAMP */ || name == 26 /* CC_INFO */ ||
		       name == 28 /* SAVED_SYN */ || name == 29 /* REPAIR_WINDOW */ || name == 35 /* ZEROCOPY_RECEIVE */;
	if (level == SOL_PACKET)
		return name == 6 /* STATISTICS */ || name == 21 /* ROLLOVER_STATS */;
	return 0;
}

struct value {
	int level, name, size;
	unsigned char bytes[40];
};
#define INT(level, name, v) { level, name, 4, { (v) & 255, ((v) >> 8) & 255, ((v) >> 16) & 255, ((v) >> 24) & 255 } }

static const struct value values[] = {
	INT(SOL_SOCKET, 1, 1), INT(SOL_SOCKET, 5, 1), INT(SOL_SOCKET, 6, 1), INT(SOL_SOCKET, 7, 50000), INT(SOL_SOCKET, 8, 60000),
	INT(SOL_SOCKET, 9, 1), INT(SOL_SOCKET, 10, 1), INT(SOL_SOCKET, 11, 1), INT(SOL_SOCKET, 12, 3), { SOL_SOCKET, 13, 8, { 1, 0, 0, 0, 7 } },
	INT(SOL_SOCKET, 18, 2), { SOL_SOCKET, 20, 16, { 3, 0, 0, 0, 0, 0, 0, 0, 0, 0x10 } },
	{ SOL_SOCKET, 21, 16, { 4, 0, 0, 0, 0, 0, 0, 0, 0, 0x20 } }, INT(SOL_SOCKET, 16, 1), INT(SOL_SOCKET, 36, 9), INT(SOL_SOCKET, 40, 1),
	INT(SOL_SOCKET, 41, 1), INT(SOL_SOCKET, 43, 1), INT(SOL_SOCKET, 45, 1), INT(SOL_SOCKET, 46, 11),
	{ SOL_SOCKET, 47, 8, { 0, 0, 16 } }, INT(SOL_SOCKET, 60, 1), { SOL_SOCKET, 61, 8, { 11 } }, INT(SOL_SOCKET, 35, 1),
	INT(SOL_SOCKET, 37, 0x58), INT(SOL_SOCKET, 69, 1), INT(SOL_SOCKET, 70, 20), INT(SOL_SOCKET, 72, 3), INT(SOL_SOCKET, 74, 0),
	INT(SOL_SOCKET, 75, 1), INT(SOL_SOCKET, 76, 1), INT(SOL_SOCKET, 82, 1),
	INT(IPPROTO_IP, 1, 0x10), INT(IPPROTO_IP, 2, 33), { IPPROTO_IP, 4, 4, { 1, 1, 1, 0 } }, INT(IPPROTO_IP, 6, 1), INT(IPPROTO_IP, 7, 1),
	INT(IPPROTO_IP, 8, 1), INT(IPPROTO_IP, 10, 3), INT(IPPROTO_IP, 11, 1), INT(IPPROTO_IP, 12, 1), INT(IPPROTO_IP, 13, 1),
	INT(IPPROTO_IP, 15, 1), INT(IPPROTO_IP, 18, 1), INT(IPPROTO_IP, 19, 1), INT(IPPROTO_IP, 20, 1), INT(IPPROTO_IP, 21, 2),
	INT(IPPROTO_IP, 22, 1), INT(IPPROTO_IP, 23, 1), INT(IPPROTO_IP, 24, 1), INT(IPPROTO_IP, 25, 1), INT(IPPROTO_IP, 26, 1),
	{ IPPROTO_IP, 32, 4, { 127, 0, 0, 1 } }, INT(IPPROTO_IP, 33, 5), INT(IPPROTO_IP, 34, 0), INT(IPPROTO_IP, 49, 0),
	{ IPPROTO_IP, 50, 4, { 0, 0, 0, 1 } }, INT(IPPROTO_IP, 51, 0x00507530),
	INT(IPPROTO_IPV6, 2, 1), INT(IPPROTO_IPV6, 3, 1), INT(IPPROTO_IPV6, 4, 1), INT(IPPROTO_IPV6, 5, 1), INT(IPPROTO_IPV6, 8, 1),
	INT(IPPROTO_IPV6, 11, 1), INT(IPPROTO_IPV6, 16, 44), INT(IPPROTO_IPV6, 17, 1), INT(IPPROTO_IPV6, 18, 6), INT(IPPROTO_IPV6, 19, 0),
	INT(IPPROTO_IPV6, 23, 3), INT(IPPROTO_IPV6, 25, 1), INT(IPPROTO_IPV6, 29, 0), INT(IPPROTO_IPV6, 30, 1), INT(IPPROTO_IPV6, 31, 1),
	INT(IPPROTO_IPV6, 33, 1), INT(IPPROTO_IPV6, 49, 1), INT(IPPROTO_IPV6, 51, 1), INT(IPPROTO_IPV6, 53, 1),
	{ IPPROTO_IPV6, 54, 8, { 0, 0, 1, 4 } }, INT(IPPROTO_IPV6, 56, 1), INT(IPPROTO_IPV6, 58, 1), { IPPROTO_IPV6, 59, 8, { 0, 0, 1, 4 } },
	INT(IPPROTO_IPV6, 60, 1), INT(IPPROTO_IPV6, 62, 1), INT(IPPROTO_IPV6, 66, 1), INT(IPPROTO_IPV6, 67, 0x20), INT(IPPROTO_IPV6, 70, 0),
	INT(IPPROTO_IPV6, 72, 2), INT(IPPROTO_IPV6, 73, 3), INT(IPPROTO_IPV6, 74, 1), INT(IPPROTO_IPV6, 75, 1),
	{ IPPROTO_IPV6, 76, 4, { 0, 0, 0, 1 } }, INT(IPPROTO_IPV6, 77, 1), INT(IPPROTO_IPV6, 78, 1),
	INT(IPPROTO_TCP, 1, 1), INT(IPPROTO_TCP, 2, 1000), INT(IPPROTO_TCP, 4, 99), INT(IPPROTO_TCP, 5, 9), INT(IPPROTO_TCP, 6, 4),
	INT(IPPROTO_TCP, 7, 3), INT(IPPROTO_TCP, 8, 22), INT(IPPROTO_TCP, 9, 7), INT(IPPROTO_TCP, 10, 40000),
	{ IPPROTO_TCP, 13, 4, { 'r', 'e', 'n', 'o' } }, INT(IPPROTO_TCP, 16, 1), INT(IPPROTO_TCP, 18, 12345), INT(IPPROTO_TCP, 23, 6),
	INT(IPPROTO_TCP, 25, 4321), INT(IPPROTO_TCP, 27, 1), INT(IPPROTO_TCP, 30, 1), { IPPROTO_TCP, 33, 16, "0123456789abcdef" },
	INT(IPPROTO_TCP, 34, 1), INT(IPPROTO_TCP, 36, 1), INT(IPPROTO_TCP, 37, 500), INT(IPPROTO_TCP, 44, 30000), INT(IPPROTO_TCP, 45, 100000),
	INT(IPPROTO_TCP, 46, 30000),
	INT(SOL_UDP, 1, 1), INT(SOL_UDP, 100, 2), INT(SOL_UDP, 101, 1), INT(SOL_UDP, 102, 1), INT(SOL_UDP, 103, 1200), INT(SOL_UDP, 104, 1),
	INT(SOL_UDPLITE, 10, 20), INT(SOL_UDPLITE, 11, 16), INT(SOL_RAW, 7, 4),
	INT(SOL_PACKET, 7, 4), INT(SOL_PACKET, 8, 1), INT(SOL_PACKET, 9, 1), INT(SOL_PACKET, 10, 1), INT(SOL_PACKET, 14, 1),
	INT(SOL_PACKET, 20, 1), INT(SOL_PACKET, 23, 1), INT(SOL_PACKET, 24, 12),
	INT(SOL_NETLINK, 3, 1), INT(SOL_NETLINK, 5, 1), INT(SOL_NETLINK, 10, 1), INT(SOL_NETLINK, 11, 1), INT(SOL_NETLINK, 12, 1),
};
#define VALUES (int)(sizeof(values) / sizeof(values[0]))

struct subject {
	const char *name;
	int fd, set, connection;
	/* Fewer would mean that the test tests nothing. */
	int least;
	short length[LEVELS][NAMES];
	unsigned char seen[LEVELS][NAMES][ROOM];
};
static struct subject subjects[16];
static int count;
static char trouble[512];

static void add(const char *name, int fd, int least, int connection)
{
	struct subject *s = &subjects[count++];

	s->connection = connection;
	s->name = name;
	s->fd = fd;
	s->least = least;
	if (fd < 0)
		snprintf(trouble, sizeof(trouble), "no socket %s (errno %d)\n", name, errno);
}

static int look(int fd, int level, int name, unsigned char *room)
{
	socklen_t length = ROOM;

	memset(room, 0, ROOM);
	if (level == SOL_SOCKET && name == 26 /* GET_FILTER */)
		length = 0;
	return getsockopt(fd, level, name, room, &length) == 0 ? (int)length : -errno;
}

static void set_all(struct subject *s)
{
	for (int i = 0; i < VALUES; i++)
		if (setsockopt(s->fd, values[i].level, values[i].name, values[i].bytes, values[i].size) == 0)
			s->set++;
	for (int l = 0; l < LEVELS; l++)
		for (int n = 0; n < NAMES; n++)
			if (!passing(levels[l], n, s->connection))
				s->length[l][n] = look(s->fd, levels[l], n, s->seen[l][n]);
	if (s->set < s->least)
		snprintf(trouble, sizeof(trouble), "%s: only %d options could be set\n", s->name, s->set);
}

static void verify(int signal)
{
	static unsigned char room[ROOM];
	char text[2048] = "";

	for (int i = 0; i < count; i++)
		for (int l = 0; l < LEVELS; l++)
			for (int n = 0; n < NAMES; n++) {
				struct subject *s = &subjects[i];
				int length;

				if (passing(levels[l], n, s->connection))
					continue;
				length = look(s->fd, levels[l], n, room);
				if (length == s->length[l][n] && !memcmp(room, s->seen[l][n], ROOM))
					continue;
				snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %d/%d: %d %#x, was %d %#x; ", s->name, levels[l],
					 n, length, *(int *)room, s->length[l][n], *(int *)s->seen[l][n]);
			}
	say(text[0] ? text : "ok\n");
}

static int bound(int family, int type, int protocol)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(family, type, protocol);

	if (bind(fd, family == AF_INET ? (void *)&four : (void *)&six, family == AF_INET ? sizeof(four) : sizeof(six)))
		return -1;
	return fd;
}

static void connection(const char *name[2], int family)
{
	struct sockaddr_storage to;
	socklen_t length = sizeof(to);
	int listening = bound(family, SOCK_STREAM, 0);
	int fd = socket(family, SOCK_STREAM, 0);

	listen(listening, 1);
	getsockname(listening, (void *)&to, &length);
	if (connect(fd, (void *)&to, length))
		snprintf(trouble, sizeof(trouble), "no connection (errno %d)\n", errno);
	add(name[0], fd, 40, 1);
	add(name[1], accept(listening, 0, 0), 40, 1);
	close(listening);
}

int main(void)
{
	const char *four[] = { "connected 4", "accepted 4" }, *six[] = { "connected 6", "accepted 6" };
	struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, 0xffffffff) };
	struct sock_fprog filter = { 1, all };
	int one = 1;

	add("tcp 4", bound(AF_INET, SOCK_STREAM, 0), 50, 0);
	add("tcp 6", bound(AF_INET6, SOCK_STREAM, 0), 80, 0);
	listen(subjects[0].fd, 3);
	listen(subjects[1].fd, 3);
	add("closed 4", socket(AF_INET, SOCK_STREAM, 0), 50, 0);
	connection(four, AF_INET);
	connection(six, AF_INET6);
	add("udp 4", bound(AF_INET, SOCK_DGRAM, 0), 40, 0);
	add("udp 6", bound(AF_INET6, SOCK_DGRAM, 0), 70, 0);
	add("raw 4", socket(AF_INET, SOCK_RAW, 250), 40, 0);
	add("raw 6", socket(AF_INET6, SOCK_RAW, 250), 50, 0);
	add("unix", socket(AF_UNIX, SOCK_DGRAM, 0), 15, 0);
	add("packet", socket(AF_PACKET, SOCK_RAW, 0), 20, 0);
	add("netlink", socket(AF_NETLINK, SOCK_RAW, 0), 15, 0);
	for (int i = 0; i < count; i++)
		set_all(&subjects[i]);
	// A filter that stays, also in a connection; it is read as such by nobody but a dump.
	for (int i = 0; i < count; i += 3) {
		setsockopt(subjects[i].fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
		setsockopt(subjects[i].fd, SOL_SOCKET, 44 /* LOCK_FILTER */, &one, sizeof(one));
		for (int n = 26; n <= 44; n += 18)
			subjects[i].length[0][n] = look(subjects[i].fd, SOL_SOCKET, n, subjects[i].seen[0][n]);
	}
	signal(SIGUSR1, verify);
	say(trouble[0] ? trouble : "ready\n");
	for (;;)
		pause();
}
