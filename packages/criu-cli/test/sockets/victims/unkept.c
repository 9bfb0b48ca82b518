// One socket with what cannot be read out of it; which, the environment says.
#include "../../restore/victims/say.h"
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static int sender = -1, receiver = -1;

static void verify(int signal)
{
	char text[16] = "";

	if (receiver >= 0) {
		CHECK(recv(receiver, text, sizeof(text), MSG_DONTWAIT) < 0);
		CHECK(send(sender, " and half", 9, 0) == 9);
		CHECK(recv(receiver, text, sizeof(text), MSG_DONTWAIT) == 13 && !strncmp(text, "half and half", 13));
	}
	say("ok\n");
}

static int program(void)
{
	/* Returns -1: everything passes. */
	struct bpf_insn insns[] = { { .code = 0xb7, .dst_reg = 0, .imm = -1 }, { .code = 0x95 } };
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
				.insns = (unsigned long)insns,
				.insn_cnt = 2,
				.license = (unsigned long)"GPL" };

	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

int main(void)
{
	const char *what = getenv("WHAT");
	struct sockaddr_in lo = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int tcp = !strcmp(what, "md5") || !strcmp(what, "repair");
	int fd = socket(AF_INET, tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
	int result = -1, value;

	socklen_t length = sizeof(lo);

	bind(fd, (void *)&lo, sizeof(lo));
	getsockname(fd, (void *)&lo, &length);
	if (!strcmp(what, "md5")) {
		struct tcp_md5sig key = { .tcpm_keylen = 3, .tcpm_key = "key" };

		memcpy(&key.tcpm_addr, &lo, sizeof(lo));
		listen(fd, 1);
		result = setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &key, sizeof(key));
	} else if (!strcmp(what, "repair")) {
		value = 1;
		result = setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &value, sizeof(value));
	} else if (!strcmp(what, "bpf")) {
		value = program();
		result = setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &value, sizeof(value));
		close(value);
	} else if (!strcmp(what, "tunnel")) {
		value = 3;
		result = setsockopt(fd, 17, 100, &value, sizeof(value));
	} else if (!strcmp(what, "cork")) {
		value = 1;
		setsockopt(fd, 17, 1, &value, sizeof(value));
		result = sendto(fd, "half", 4, 0, (void *)&lo, sizeof(lo)) == 4 ? 0 : -1;
	} else if (!strcmp(what, "more")) {
		sender = fd;
		receiver = socket(AF_INET, SOCK_DGRAM, 0);
		lo.sin_port = 0;
		bind(receiver, (void *)&lo, sizeof(lo));
		getsockname(receiver, (void *)&lo, &length);
		result = connect(sender, (void *)&lo, sizeof(lo));
	} else if (!strcmp(what, "more of six")) {
		struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };

		length = sizeof(six);
		sender = socket(AF_INET6, SOCK_DGRAM, 0);
		receiver = socket(AF_INET6, SOCK_DGRAM, 0);
		bind(receiver, (void *)&six, sizeof(six));
		getsockname(receiver, (void *)&six, &length);
		result = connect(sender, (void *)&six, sizeof(six));
	}
	if (receiver >= 0 && send(sender, "half", 4, MSG_MORE) != 4)
		result = -1;
	signal(SIGUSR1, verify);
	say(result ? "cannot\n" : "ready\n");
	for (;;)
		pause();
}
