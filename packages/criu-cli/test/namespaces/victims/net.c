// Two tasks in a network namespace of their own: loopback with a second address, a bridge with an address and a route by way
// of it, a tunable, and a TCP socket that listens on the bridge's address. Both tasks see them, and the same namespace.
#include "../../restore/victims/say.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/route.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define BRIDGE "criubr7"
#define FORWARDING "/proc/sys/net/ipv4/conf/all/forwarding"

static char routes[4096], peer_routes[4096];
static int to_child[2], from_child[2], control, listener, ifindex, bridged;
static unsigned char mac[6];

static struct sockaddr *in(void *at, const char *address, int port)
{
	struct sockaddr_in *to = at;

	to->sin_family = AF_INET;
	to->sin_port = htons(port);
	inet_pton(AF_INET, address, &to->sin_addr);
	return at;
}

static int ask(int request, const char *name, struct ifreq *to)
{
	strncpy(to->ifr_name, name, IFNAMSIZ - 1);
	return ioctl(control, request, to);
}

static int set_address(const char *name, const char *address, const char *mask)
{
	struct ifreq ask_for = { 0 };

	in(&ask_for.ifr_addr, address, 0);
	if (ask(SIOCSIFADDR, name, &ask_for))
		return -1;
	in(&ask_for.ifr_netmask, mask, 0);
	return ask(SIOCSIFNETMASK, name, &ask_for);
}

static int bring_up(const char *name)
{
	struct ifreq one = { 0 };

	return ask(SIOCGIFFLAGS, name, &one) || (one.ifr_flags |= IFF_UP, ask(SIOCSIFFLAGS, name, &one));
}

static int is_up(const char *name)
{
	struct ifreq one = { 0 };

	return ask(SIOCGIFFLAGS, name, &one) == 0 && (one.ifr_flags & IFF_UP);
}

static int has_address(const char *name, const char *address)
{
	struct ifreq one = { 0 };
	struct in_addr wanted;

	inet_pton(AF_INET, address, &wanted);
	return ask(SIOCGIFADDR, name, &one) == 0 &&
	       memcmp(&((struct sockaddr_in *)&one.ifr_addr)->sin_addr, &wanted, sizeof(wanted)) == 0;
}

static void read_all(const char *path, char *to, int room)
{
	int fd = open(path, O_RDONLY), got, at = 0;

	memset(to, 0, room);
	while ((got = read(fd, to + at, room - 1 - at)) > 0)
		at += got;
	close(fd);
}

static int make(void)
{
	struct ifreq one = { 0 };
	struct rtentry route = { 0 };

	if (bring_up("lo") || set_address("lo:1", "127.7.7.7", "255.255.255.255"))
		return 1;
	bridged = ioctl(control, SIOCBRADDBR, BRIDGE) == 0;
	if (!bridged)
		return 0;
	one.ifr_mtu = 1400;
	if (ask(SIOCSIFMTU, BRIDGE, &one) || set_address(BRIDGE, "10.7.8.1", "255.255.255.0") || bring_up(BRIDGE))
		return 1;
	if (ask(SIOCGIFINDEX, BRIDGE, &one))
		return 1;
	ifindex = one.ifr_ifindex;
	if (ask(SIOCGIFHWADDR, BRIDGE, &one))
		return 1;
	memcpy(mac, one.ifr_hwaddr.sa_data, 6);
	in(&route.rt_dst, "10.9.0.0", 0);
	in(&route.rt_genmask, "255.255.0.0", 0);
	in(&route.rt_gateway, "10.7.8.2", 0);
	route.rt_flags = RTF_UP | RTF_GATEWAY;
	return ioctl(control, SIOCADDRT, &route);
}

static void verify(int signal)
{
	static char now[4096];
	struct ifreq one = { 0 };
	struct sockaddr_in to = { 0 };
	char answer = 0;
	int fd;

	CHECK(is_up("lo") && has_address("lo:1", "127.7.7.7"));
	read_all(FORWARDING, now, sizeof(now));
	CHECK(now[0] == '1');
	if (bridged) {
		CHECK(is_up(BRIDGE) && has_address(BRIDGE, "10.7.8.1"));
		CHECK(ask(SIOCGIFMTU, BRIDGE, &one) == 0 && one.ifr_mtu == 1400);
		CHECK(ask(SIOCGIFINDEX, BRIDGE, &one) == 0 && one.ifr_ifindex == ifindex);
		CHECK(ask(SIOCGIFHWADDR, BRIDGE, &one) == 0 && memcmp(one.ifr_hwaddr.sa_data, mac, 6) == 0);
	}
	read_all("/proc/net/route", now, sizeof(now));
	CHECK(strcmp(now, routes) == 0);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(connect(fd, in(&to, bridged ? "10.7.8.1" : "127.7.7.7", 777), sizeof(to)) == 0);
	close(fd);
	fd = accept(listener, NULL, NULL);
	CHECK(fd >= 0);
	close(fd);
	CHECK(write(to_child[1], "?", 1) == 1 && read(from_child[0], &answer, 1) == 1 && answer == 'y');
	say("ok\n");
}

int main(void)
{
	struct sockaddr_in to = { 0 };
	int fd;

	if (unshare(CLONE_NEWNET) || (control = socket(AF_INET, SOCK_DGRAM, 0)) < 0 || make())
		return 1;
	fd = open(FORWARDING, O_WRONLY);
	if (write(fd, "1", 1) != 1)
		return 1;
	close(fd);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, in(&to, bridged ? "10.7.8.1" : "127.7.7.7", 777), sizeof(to)) || listen(listener, 4))
		return 1;
	read_all("/proc/net/route", routes, sizeof(routes));
	pipe(to_child);
	pipe(from_child);
	if (fork() == 0) {
		char c;

		close(to_child[1]);
		while (read(to_child[0], &c, 1) == 1) {
			read_all("/proc/net/route", peer_routes, sizeof(peer_routes));
			write(from_child[1], strcmp(peer_routes, routes) == 0 ? "y" : "n", 1);
		}
		_exit(0);
	}
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
