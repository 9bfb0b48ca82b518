// Unix sockets of two tasks: pairs, a listener with a connection in its backlog, a deleted name, descriptors in flight.
#include "say.h"
#include "rights.h"
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

static int stream[2], seq[2], rights[2], half[2], listener, client, ghost, toghost, up[2], accepted, connected;
static struct sockaddr_un listening = { AF_UNIX }, gone = { AF_UNIX };
static pid_t child;

static int has(int fd, const char *text)
{
	char room[64] = "";
	int n = recv(fd, room, sizeof(room) - 1, MSG_DONTWAIT);

	return n == (int)strlen(text) && strcmp(room, text) == 0;
}

// A pipe of which nobody has the read end but the queue.
static void put_in_flight(void)
{
	int ends[2];

	pipe(ends);
	write(ends[1], "deep", 4);
	send_fd(rights[0], ends[0]);
	close(ends[0]);
	close(ends[1]);
}

static void fill(void)
{
	send(stream[0], "stream", 6, 0);
	send(seq[0], "one", 3, 0);
	send(seq[0], "two", 3, 0);
	send(toghost, "boo", 3, 0);
	put_in_flight();
}

static void connect_client(void)
{
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	connect(client, (void *)&listening, sizeof(listening));
}

static void verify(int signal)
{
	char room[8] = "";
	struct sockaddr_un name;
	socklen_t length = sizeof(name);
	struct stat st;
	int fd, value;

	CHECK(has(stream[1], "stream"));
	CHECK(has(seq[1], "one"));
	CHECK(has(seq[1], "two"));
	CHECK(has(ghost, "boo"));
	CHECK(access(gone.sun_path, F_OK) < 0);
	CHECK((fd = receive_fd(rights[1], MSG_DONTWAIT)) >= 0);
	CHECK(read(fd, room, 8) == 4 && memcmp(room, "deep", 4) == 0);
	CHECK(read(fd, room, 8) == 0);
	close(fd);
	length = 4;
	CHECK(getsockopt(stream[0], SOL_SOCKET, SO_SNDBUF, &value, &length) == 0 && value == 2 * 33333);
	CHECK(getsockopt(seq[1], SOL_SOCKET, SO_PASSCRED, &value, &length) == 0 && value == 1);
	CHECK(fcntl(stream[1], F_GETFL) & O_NONBLOCK);
	CHECK(!(fcntl(stream[0], F_GETFL) & O_NONBLOCK));
	CHECK(recv(half[1], room, 8, 0) == 0);
	CHECK(send(half[1], "x", 1, 0) == 1 && has(half[0], "x"));
	CHECK(send(half[0], "x", 1, MSG_NOSIGNAL) < 0 && errno == EPIPE);
	length = sizeof(name);
	CHECK(getsockname(listener, (void *)&name, &length) == 0 && strcmp(name.sun_path, listening.sun_path) == 0);
	CHECK(stat(listening.sun_path, &st) == 0 && (st.st_mode & 07777) == 0641);
	CHECK((fd = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0);
	CHECK(send(client, "hello", 5, 0) == 5 && has(fd, "hello"));
	close(fd);
	close(client);
	CHECK(accept4(listener, 0, 0, 0) < 0 && errno == EAGAIN);
	connect_client();
	fill();
	length = sizeof(name);
	memset(&name, 0, sizeof(name));
	CHECK(getsockname(accepted, (void *)&name, &length) == 0 && strcmp(name.sun_path, listening.sun_path) == 0);
	length = sizeof(name);
	memset(&name, 0, sizeof(name));
	CHECK(getpeername(connected, (void *)&name, &length) == 0 && strcmp(name.sun_path, listening.sun_path) == 0);
	CHECK(send(connected, "on", 2, 0) == 2 && has(accepted, "on"));
	// The other task has the other end.
	CHECK(send(up[0], "ping", 4, 0) == 4);
	CHECK(recv(up[0], room, 8, 0) == 4 && memcmp(room, "pong", 4) == 0);
	say("ok\n");
}

int main(void)
{
	int one = 1, small = 33333;
	char *base = getenv("GHOST");

	snprintf(listening.sun_path, sizeof(listening.sun_path), "%s.l", base);
	snprintf(gone.sun_path, sizeof(gone.sun_path), "%s.g", base);
	socketpair(AF_UNIX, SOCK_STREAM, 0, stream);
	socketpair(AF_UNIX, SOCK_SEQPACKET, 0, seq);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, rights);
	socketpair(AF_UNIX, SOCK_STREAM, 0, half);
	shutdown(half[0], SHUT_WR);
	setsockopt(stream[0], SOL_SOCKET, SO_SNDBUF, &small, 4);
	setsockopt(seq[1], SOL_SOCKET, SO_PASSCRED, &one, 4);
	fcntl(stream[1], F_SETFL, O_NONBLOCK);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	bind(listener, (void *)&listening, sizeof(listening));
	chmod(listening.sun_path, 0641);
	listen(listener, 3);
	connected = socket(AF_UNIX, SOCK_STREAM, 0);
	connect(connected, (void *)&listening, sizeof(listening));
	accepted = accept(listener, 0, 0);
	connect_client();
	ghost = socket(AF_UNIX, SOCK_DGRAM, 0);
	bind(ghost, (void *)&gone, sizeof(gone));
	toghost = socket(AF_UNIX, SOCK_DGRAM, 0);
	connect(toghost, (void *)&gone, sizeof(gone));
	unlink(gone.sun_path);
	socketpair(AF_UNIX, SOCK_STREAM, 0, up);
	child = fork();
	if (child == 0) {
		char room[8];

		close(up[0]);
		for (;;) {
			int n = recv(up[1], room, 8, 0);

			if (n == 4)
				send(up[1], "pong", 4, 0);
			else if (n == 0)
				_exit(0);
		}
	}
	close(up[1]);
	fill();
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
