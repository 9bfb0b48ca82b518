/* SPDX-License-Identifier: GPL-2.0-only
 *
 * Reads the first request of a client of `criu swrk FD` before node is started, since container engines start one `criu
 * swrk` only for the version before each dump and restore. `first-request FD MAJOR MINOR [PARENT]` waits a short time for the
 * first message on the socket FD. A message that asks only for the version is answered with these numbers (decimal,
 * below 128). The exit code is 0 after an answer; otherwise it is the type of the request (criu_req_type of CRIU's
 * rpc.proto), which stays in the socket, or UNKNOWN. Messages are protocol buffers.
 *
 * With the pid of the parent as fourth argument, the parent gets real-time priority (SCHED_RR) before a dump or a
 * restore, where that is permitted and there is more than one CPU. It is about to become node, whose start would take
 * several times as long on a busy machine, and gives the priority up as after any dump or restore
 * (engine/priority.ts). Its threads and children do not inherit it.
 */
#include "kernel.h"

/* The time in which a client sends what it has started us for, in ns. */
#define PATIENCE 100000000
/* A request for the version is no larger. */
#define SMALL 4096

#define UNKNOWN 255
#define DUMP 1
#define RESTORE 2
#define VERSION 10

/* As in engine/priority.ts. */
#define PRIORITY 1
/* Bytes of a set of CPUs: the kernel takes no set that is smaller than its own. */
#define CPU_BYTES 1024

/* Tag of a field: its number and wire type (0: varint; 2: length-delimited). */
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

/*
 * Whether the type of a request is followed only by options. A client that keeps the connection open sends further
 * requests.
 */
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

	/* Reading the request: closing a socket with unread messages resets the connection and drops the answer. */
	sys6(__NR_recvfrom, fd, (long)request, SMALL, 0, 0, 0);
	return sys6(__NR_sendto, fd, (long)answer, sizeof(answer), MSG_NOSIGNAL, 0, 0) == sizeof(answer);
}

static int has_one_cpu(void)
{
	uint64_t cpus[CPU_BYTES / sizeof(uint64_t)];
	long length = sys3(__NR_sched_getaffinity, 0, sizeof(cpus), cpus), i;
	int count = 0;

	for (i = 0; i < length / (long)sizeof(cpus[0]); i++)
		for (uint64_t left = cpus[i]; left; left &= left - 1)
			if (++count > 1)
				return 0;
	return 1;
}

static void hasten(long parent)
{
	const int priority = PRIORITY;

	/* Another one's child by now if that process has been killed. */
	if (parent <= 0 || sys3(__NR_getppid, 0, 0, 0) != parent)
		return;
	if (sys3(__NR_sched_getscheduler, parent, 0, 0) == SCHED_OTHER && !has_one_cpu())
		sys3(__NR_sched_setscheduler, parent, SCHED_RR | SCHED_RESET_ON_FORK, &priority);
}

static int look(long fd, long major, long minor, long parent)
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
	if (request[1] == DUMP || request[1] == RESTORE)
		hasten(parent);
	if (request[1] != VERSION || length > SMALL || !has_options_only(request, length))
		return request[1];
	return answered(fd, request, (uint8_t)major, (uint8_t)minor) ? 0 : UNKNOWN;
}

void program_main(long *stack) __attribute__((noreturn, used));
void program_main(long *stack)
{
	char **argv = (char **)(stack + 1);
	int status = UNKNOWN;

	if (stack[0] == 4 || stack[0] == 5)
		status = look(number(argv[1]), number(argv[2]), number(argv[3]), stack[0] == 5 ? number(argv[4]) : 0);
	for (;;)
		sys3(__NR_exit_group, status, 0, 0);
}
