// A client of `criu service` (CRIU's protocol): one request, and the milliseconds that its answer took.
// Arguments: SOCKET DIRECTORY [PID]; with a pid that process is dumped, without one restored.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

// Field numbers and values of rpc.proto.
enum { REQ_TYPE = 1, REQ_OPTS = 2, RESP_SUCCESS = 2 };
enum { OPTS_IMAGES_DIR_FD = 1, OPTS_PID = 2, OPTS_LOG_LEVEL = 9, OPTS_LOG_FILE = 10 };
enum { DUMP = 1, RESTORE = 2 };

static size_t varint(uint8_t *at, uint64_t value)
{
	size_t size = 0;

	for (; value > 127; value >>= 7)
		at[size++] = (uint8_t)(value | 128);
	at[size++] = (uint8_t)value;
	return size;
}

static size_t number(uint8_t *at, int field, uint64_t value)
{
	size_t size = varint(at, (uint64_t)field << 3);

	return size + varint(at + size, value);
}

static size_t bytes(uint8_t *at, int field, const void *value, size_t length)
{
	size_t size = varint(at, (uint64_t)field << 3 | 2);

	size += varint(at + size, length);
	memcpy(at + size, value, length);
	return size + length;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	uint8_t options[256], request[512], answer[65536];
	size_t n = 0, size = 0;
	ssize_t got;
	int dump = argc > 3;
	const char *log = dump ? "dump.log" : "restore.log";
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	int dir = open(argv[2], O_RDONLY | O_DIRECTORY);
	double start;

	if (argc < 3 || fd < 0 || dir < 0)
		return 2;
	strncpy(address.sun_path, argv[1], sizeof(address.sun_path) - 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		perror("connect");
		return 2;
	}
	n += number(options + n, OPTS_IMAGES_DIR_FD, (uint64_t)dir);
	if (dump)
		n += number(options + n, OPTS_PID, (uint64_t)atol(argv[3]));
	n += number(options + n, OPTS_LOG_LEVEL, 2);
	n += bytes(options + n, OPTS_LOG_FILE, log, strlen(log));
	size += number(request + size, REQ_TYPE, dump ? DUMP : RESTORE);
	size += bytes(request + size, REQ_OPTS, options, n);
	start = now();
	if (send(fd, request, size, 0) != (ssize_t)size)
		return 2;
	got = recv(fd, answer, sizeof(answer), 0);
	printf("%.3f\n", now() - start);
	// The type of the answer comes first, then whether it is a success; both take one byte.
	if (got >= 4 && answer[2] == RESP_SUCCESS << 3 && answer[3] == 1)
		return 0;
	// Somewhere in it the service says why.
	if (got > 4)
		fwrite(answer + 4, 1, (size_t)got - 4, stderr);
	return 1;
}
