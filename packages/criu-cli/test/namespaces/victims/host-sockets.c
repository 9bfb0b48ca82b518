// Sockets of the host's network namespace that are given to a task in a user namespace of its own: to low ports, raw ones, and with
// what only the host's root may set; and a file that only the host's root may open, in its working directory. With OWN_NETWORK the task is
// in a network namespace of its own, too; with PAIR it has a connected pair of Unix sockets that were made on the host.
#include "own-users.h"
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { TCP = 100, UDP, RAW, PACKET, NETLINK, NAMED, SECRET, PAIR };

#define LOW 77
#define MARK 5
#define PRIORITY 7

static struct sockaddr_in at(void)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(LOW), .sin_addr.s_addr = inet_addr(getenv("ADDRESS")) };
}

static int option(int fd, int name)
{
	int value = -1;
	socklen_t length = sizeof(value);

	getsockopt(fd, SOL_SOCKET, name, &value, &length);
	return value;
}

static int bound(int fd)
{
	struct sockaddr_in now, was = at();
	socklen_t length = sizeof(now);

	return getsockname(fd, (void *)&now, &length) == 0 && now.sin_port == was.sin_port && now.sin_addr.s_addr == was.sin_addr.s_addr;
}

static void verify(int signal)
{
	char byte = 0, text[6];

	CHECK(bound(TCP) && option(TCP, SO_ACCEPTCONN) == 1);
	CHECK(bound(UDP) && option(UDP, SO_MARK) == MARK && option(UDP, SO_PRIORITY) == PRIORITY);
	CHECK(option(RAW, SO_PROTOCOL) == IPPROTO_ICMP && option(RAW, SO_TYPE) == SOCK_RAW);
	CHECK(option(PACKET, SO_DOMAIN) == AF_PACKET);
	CHECK(option(NETLINK, SO_PROTOCOL) == NETLINK_ROUTE);
	CHECK(option(NAMED, SO_DOMAIN) == AF_UNIX && option(NAMED, SO_ACCEPTCONN) == 1);
	CHECK(pread(SECRET, text, 6, 0) == 6 && memcmp(text, "secret", 6) == 0 && pwrite(SECRET, text, 6, 0) == 6);
	CHECK(open("secret", O_RDONLY) == -1 && errno == EACCES);
	if (getenv("PAIR"))
		CHECK(write(PAIR, "x", 1) == 1 && read(PAIR + 1, &byte, 1) == 1 && byte == 'x');
	say("ok\n");
}

int main(void)
{
	struct sockaddr_in address = at();
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int pair[2], pid, mark = MARK, priority = PRIORITY;

	if (chdir(getenv("FOLDER")))
		return 6;
	dup2(open("secret", O_RDWR | O_CREAT, 0600), SECRET);
	if (write(SECRET, "secret", 6) != 6)
		return 7;
	snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1, "%s", getenv("ABSTRACT"));
	dup2(socket(AF_INET, SOCK_STREAM, 0), TCP);
	dup2(socket(AF_INET, SOCK_DGRAM, 0), UDP);
	dup2(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), RAW);
	dup2(socket(AF_PACKET, SOCK_RAW, 0), PACKET);
	dup2(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), NETLINK);
	dup2(socket(AF_UNIX, SOCK_STREAM, 0), NAMED);
	for (int fd = 3; fd < TCP; fd++)
		close(fd);
	if (bind(TCP, (void *)&address, sizeof(address)) || listen(TCP, 5) || bind(UDP, (void *)&address, sizeof(address)))
		return 2;
	if (setsockopt(UDP, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) || setsockopt(UDP, SOL_SOCKET, SO_PRIORITY, &priority, sizeof(priority)))
		return 3;
	if (bind(NAMED, (void *)&name, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(getenv("ABSTRACT"))) || listen(NAMED, 1))
		return 4;
	if (getenv("PAIR")) {
		socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
		dup2(pair[0], PAIR);
		dup2(pair[1], PAIR + 1);
		close(pair[0]);
		close(pair[1]);
	}
	pid = start_inside(getenv("OWN_NETWORK") ? CLONE_NEWNET : 0, verify);
	for (int fd = TCP; fd <= PAIR + 1; fd++)
		close(fd);
	waitpid(pid, NULL, 0);
	for (;;)
		pause();
}
