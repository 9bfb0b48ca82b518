// Unix and internet sockets with queues; on SIGUSR1 it reads what it should find in them, and puts it back.
#include "../../restore/victims/say.h"
#include "../../restore/victims/rights.h"
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/un.h>

static int stream[2], dgram[2], half[2], rights[2], listener, client, server, lockfd, watch;

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
	fd = receive_fd(rights[1], MSG_DONTWAIT);
	CHECK(fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode));
	send_fd(rights[0], fd);
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
	send_fd(rights[0], fd);
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
