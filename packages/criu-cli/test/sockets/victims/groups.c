// Sockets in multicast groups: what is sent to the groups arrives, and what is filtered out does not.
#include "../../restore/victims/say.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

static int four, chosen, six, device;
static struct sockaddr_in group = { .sin_family = AF_INET }, other;
static struct sockaddr_in6 group6 = { .sin6_family = AF_INET6 };

static int hears(int fd)
{
	char text[8];
	int got = 0;

	for (int i = 0; i < 20 && !got; i++) {
		got = recv(fd, text, sizeof(text), MSG_DONTWAIT) == 5;
		if (!got)
			usleep(1000);
	}
	return got;
}

static int filtered(int fd)
{
	char room[sizeof(struct group_filter) + 4 * sizeof(struct sockaddr_storage)];
	struct group_filter *f = (void *)room;
	socklen_t length = sizeof(room);

	memset(room, 0, sizeof(room));
	f->gf_interface = device;
	memcpy(&f->gf_group, &other, sizeof(other));
	f->gf_numsrc = 4;
	if (getsockopt(fd, IPPROTO_IP, MCAST_MSFILTER, f, &length))
		return -1;
	return f->gf_fmode == MCAST_INCLUDE && f->gf_numsrc == 1 ? ntohl(((struct sockaddr_in *)&f->gf_slist[0])->sin_addr.s_addr) : 0;
}

static void verify(int signal)
{
	struct ip_mreqn by = { .imr_ifindex = device };
	int out = socket(AF_INET, SOCK_DGRAM, 0), out6 = socket(AF_INET6, SOCK_DGRAM, 0);

	setsockopt(out, IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof(by));
	setsockopt(out6, IPPROTO_IPV6, IPV6_MULTICAST_IF, &device, sizeof(device));
	CHECK(sendto(out, "hello", 5, 0, (void *)&group, sizeof(group)) == 5);
	CHECK(sendto(out, "hello", 5, 0, (void *)&other, sizeof(other)) == 5);
	CHECK(sendto(out6, "hello", 5, 0, (void *)&group6, sizeof(group6)) == 5);
	CHECK(hears(four) && hears(six));
	/* It listens to another sender only. */
	CHECK(!hears(chosen));
	CHECK(filtered(chosen) == 0x0a000009);
	close(out);
	close(out6);
	say("ok\n");
}

int main(void)
{
	struct ip_mreqn join = { .imr_ifindex = device = atoi(getenv("DEVICE")) };
	struct ip_mreq_source only = { .imr_interface.s_addr = htonl(0x0a090901), .imr_sourceaddr.s_addr = htonl(0x0a000009) };
	struct ipv6_mreq join6 = { .ipv6mr_interface = device };
	socklen_t length = sizeof(group), length6 = sizeof(group6);
	int bad = 0;

	four = socket(AF_INET, SOCK_DGRAM, 0);
	chosen = socket(AF_INET, SOCK_DGRAM, 0);
	six = socket(AF_INET6, SOCK_DGRAM, 0);
	group.sin_addr.s_addr = other.sin_addr.s_addr = htonl(INADDR_ANY);
	bad |= bind(four, (void *)&group, sizeof(group));
	getsockname(four, (void *)&group, &length);
	other = group;
	other.sin_port = 0;
	bad |= bind(chosen, (void *)&other, sizeof(other));
	getsockname(chosen, (void *)&other, &length);
	bad |= bind(six, (void *)&group6, sizeof(group6));
	getsockname(six, (void *)&group6, &length6);
	inet_pton(AF_INET, "239.1.2.3", &group.sin_addr);
	inet_pton(AF_INET, "239.1.2.4", &other.sin_addr);
	inet_pton(AF_INET6, "ff02::77", &group6.sin6_addr);
	join.imr_multiaddr = group.sin_addr;
	only.imr_multiaddr = other.sin_addr;
	join6.ipv6mr_multiaddr = group6.sin6_addr;
	bad |= setsockopt(four, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join));
	bad |= setsockopt(chosen, IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, &only, sizeof(only));
	bad |= setsockopt(six, IPPROTO_IPV6, IPV6_JOIN_GROUP, &join6, sizeof(join6));
	signal(SIGUSR1, verify);
	say(bad ? "cannot\n" : "ready\n");
	for (;;)
		pause();
}
