// Unix and internet sockets with queues; on SIGUSR1 it reads what it should find in them, and puts it back.
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int stream[2], dgram[2], half[2], rights[2], listener, client, server, lockfd, watch;

static void say(const char *text)
{
	int fd = open(getenv("RESULT"), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	write(fd, text, strlen(text));
	close(fd);
	rename(getenv("RESULT"), getenv("RESULT_DONE"));
}

#define CHECK(x)                                 \
	do {                                     \
		if (!(x)) {                      \
			say("failed: " #x "\n"); \
			return;                  \
		}                                \
	} while (0)

static void send_right(int to, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = "";
	struct iovec iov = { "r", 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	sendmsg(to, &m, 0);
}

static int take_right(int from)
{
	char control[CMSG_SPACE(sizeof(int))] = "", b;
	struct iovec iov = { &b, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	int fd = -1;

	if (recvmsg(from, &m, MSG_DONTWAIT) == 1 && CMSG_FIRSTHDR(&m))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(int));
	return fd;
}

static void verify(void)
{
	char b[64] = "";
	struct stat st;
	int fd;

	CHECK(recv(stream[1], b, sizeof(b), MSG_DONTWAIT) == 10 && !memcmp(b, "streammore", 10));
	CHECK(write(stream[0], "streammore", 10) == 10);
	CHECK(recv(dgram[0], b, sizeof(b), MSG_DONTWAIT) == 3 && !memcmp(b, "one", 3));
	CHECK(recv(dgram[0], b, sizeof(b), MSG_DONTWAIT) == 5 && !memcmp(b, "three", 5));
	CHECK(write(dgram[1], "one", 3) == 3 && write(dgram[1], "three", 5) == 5);
	CHECK(read(half[1], b, 1) == 0);
	CHECK(recv(server, b, sizeof(b), MSG_DONTWAIT) == 3 && !memcmp(b, "hey", 3));
	CHECK(write(client, "hey", 3) == 3);
	fd = take_right(rights[1]);
	CHECK(fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode));
	send_right(rights[0], fd);
	close(fd);
	// Another description of the same file cannot have the lock.
	fd = open(getenv("GHOST"), O_RDWR);
	CHECK(fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0);
	close(fd);
	say("ok\n");
}

static void on_usr1(int s)
{
	(void)s;
	verify();
}

int main(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct sockaddr_in in = { .sin_family = AF_INET };
	int t = socket(AF_INET, SOCK_STREAM, 0), u = socket(AF_INET, SOCK_DGRAM, 0), fd;

	signal(SIGUSR1, on_usr1);
	socketpair(AF_UNIX, SOCK_STREAM, 0, stream);
	write(stream[0], "stream", 6);
	write(stream[0], "more", 4);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, dgram);
	write(dgram[1], "one", 3);
	write(dgram[1], "three", 5);
	socketpair(AF_UNIX, SOCK_STREAM, 0, half);
	shutdown(half[0], SHUT_WR);
	socketpair(AF_UNIX, SOCK_STREAM, 0, rights);
	fd = open("/etc/passwd", O_RDONLY);
	send_right(rights[0], fd);
	close(fd);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s.sock", getenv("GHOST"));
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	bind(listener, (struct sockaddr *)&a, sizeof(a));
	listen(listener, 7);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	connect(client, (struct sockaddr *)&a, sizeof(a));
	server = accept(listener, 0, 0);
	write(client, "hey", 3);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind(t, (struct sockaddr *)&in, sizeof(in));
	listen(t, 12);
	bind(u, (struct sockaddr *)&in, sizeof(in));
	lockfd = open(getenv("GHOST"), O_RDWR | O_CREAT, 0644);
	flock(lockfd, LOCK_EX);
	watch = inotify_init();
	inotify_add_watch(watch, "/etc", IN_CREATE);
	say("ready\n");
	for (;;)
		pause();
}
