/* SPDX-License-Identifier: GPL-2.0-only
 * A look at what `criu swrk FD` is asked, before node is started: container engines start one for the version alone before each
 * dump and restore.
 *
 * `first-request FD MAJOR MINOR` waits for a moment for the first message on the socket FD. One that asks for the version and
 * nothing after it is answered with these numbers (decimal, below 128). Exits with 0 when it was answered, otherwise with the type
 * of the request (criu_req_type of CRIU's rpc.proto), which stays where it is, or with UNKNOWN. Messages are protocol buffers.
 */
#include "kernel.h"

/* The time in which a client sends what it has started us for, in ns. */
#define PATIENCE 100000000
/* A request for the version is no larger. */
#define SMALL 4096

#define UNKNOWN 255
#define VERSION 10

/* Bytes in front of a value: its field's number and its form (0: a number; 2: bytes after their length). */
#define TAG(field, form) ((field) << 3 | (form))
#define REQ_TYPE TAG(1, 0)
#define REQ_OPTS TAG(2, 2)
#define RESP_TYPE TAG(1, 0)
#define RESP_SUCCESS TAG(2, 0)
#define RESP_VERSION TAG(10, 2)
#define VERSION_MAJOR TAG(1, 0)
#define VERSION_MINOR TAG(2, 0)

static long number(const char *s)
{
	long n = 0;

	while (*s >= '0' && *s <= '9' && n < 1000000)
		n = n * 10 + (*s++ - '0');
	return *s ? -1 : n;
}

static int is_packet_socket(long fd)
{
	int type = 0;
	int size = sizeof(type);

	return sys6(__NR_getsockopt, fd, SOL_SOCKET, SO_TYPE, (long)&type, (long)&size, 0) == 0 && type == SOCK_SEQPACKET;
}

/* Whether there are options behind the type of a request, or nothing: whoever keeps the connection open asks for more. */
static int has_options_only(const uint8_t *request, long length)
{
	long at = 3, size = 0;
	int shift = 0;

	if (length == 2)
		return 1;
	if (request[2] != REQ_OPTS)
		return 0;
	do {
		if (at == length || shift > 14)
			return 0;
		size |= (long)(request[at] & 0x7f) << shift;
		shift += 7;
	} while (request[at++] & 0x80);
	return at + size == length;
}

static int answered(long fd, uint8_t *request, uint8_t major, uint8_t minor)
{
	const uint8_t answer[] = {
		RESP_TYPE, VERSION, RESP_SUCCESS, 1, RESP_VERSION, 4, VERSION_MAJOR, major, VERSION_MINOR, minor,
	};

	/* A socket that is closed with a message in it is reset, and what it had sent is lost. */
	sys6(__NR_recvfrom, fd, (long)request, SMALL, 0, 0, 0);
	return sys6(__NR_sendto, fd, (long)answer, sizeof(answer), MSG_NOSIGNAL, 0, 0) == sizeof(answer);
}

static int look(long fd, long major, long minor)
{
	struct pollfd waited = { .fd = (int)fd, .events = POLLIN };
	struct timespec patience = { .tv_nsec = PATIENCE };
	uint8_t request[SMALL];
	long length;

	if (major < 0 || major > 127 || minor < 0 || minor > 127 || !is_packet_socket(fd))
		return UNKNOWN;
	if (sys6(__NR_ppoll, (long)&waited, 1, (long)&patience, 0, 0, 0) != 1)
		return UNKNOWN;
	length = sys6(__NR_recvfrom, fd, (long)request, SMALL, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT, 0, 0);
	if (length < 2 || request[0] != REQ_TYPE || request[1] == 0 || request[1] > 127)
		return UNKNOWN;
	if (request[1] != VERSION || length > SMALL || !has_options_only(request, length))
		return request[1];
	return answered(fd, request, (uint8_t)major, (uint8_t)minor) ? 0 : UNKNOWN;
}

void program_main(long *stack) __attribute__((noreturn, used));
void program_main(long *stack)
{
	char **argv = (char **)(stack + 1);
	int status = UNKNOWN;

	if (stack[0] == 4)
		status = look(number(argv[1]), number(argv[2]), number(argv[3]));
	for (;;)
		sys3(__NR_exit_group, status, 0, 0);
}
