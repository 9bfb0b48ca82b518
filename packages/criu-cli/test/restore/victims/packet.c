// A packet socket on the loopback device, with a ring that is mapped, and a membership.
#include "say.h"
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/mman.h>
#include <sys/socket.h>

static int sock, device;
static unsigned char *ring;

static void verify(int signal)
{
	struct sockaddr_ll at = { 0 };
	socklen_t length = sizeof(at);
	int value;

	CHECK(getsockname(sock, (void *)&at, &length) == 0 && at.sll_ifindex == device);
	CHECK(at.sll_protocol == htons(ETH_P_LOOPBACK));
	length = 4;
	CHECK(getsockopt(sock, SOL_PACKET, PACKET_VERSION, &value, &length) == 0 && value == TPACKET_V2);
	CHECK(getsockopt(sock, SOL_PACKET, PACKET_AUXDATA, &value, &length) == 0 && value == 1);
	CHECK(getsockopt(sock, SOL_PACKET, PACKET_RESERVE, &value, &length) == 0 && value == 16);
	// The kernel hands out frames of the ring by their first word.
	CHECK(((struct tpacket2_hdr *)ring)->tp_status == TP_STATUS_KERNEL);
	CHECK(munmap(ring, 8192) == 0);
	ring = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, sock, 0);
	CHECK(ring != MAP_FAILED);
	say("ok\n");
}

int main(void)
{
	struct tpacket_req request = { .tp_block_size = 4096, .tp_block_nr = 2, .tp_frame_size = 2048, .tp_frame_nr = 4 };
	struct packet_mreq many = { .mr_type = PACKET_MR_ALLMULTI };
	struct sockaddr_ll at = { .sll_family = AF_PACKET };
	int version = TPACKET_V2, one = 1, reserve = 16;

	device = if_nametoindex("lo");
	sock = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_LOOPBACK));
	at.sll_ifindex = many.mr_ifindex = device;
	bind(sock, (void *)&at, sizeof(at));
	setsockopt(sock, SOL_PACKET, PACKET_VERSION, &version, 4);
	setsockopt(sock, SOL_PACKET, PACKET_AUXDATA, &one, 4);
	setsockopt(sock, SOL_PACKET, PACKET_RESERVE, &reserve, 4);
	setsockopt(sock, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &many, sizeof(many));
	setsockopt(sock, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request));
	ring = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, sock, 0);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
