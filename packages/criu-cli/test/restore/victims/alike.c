// Many files that are alike, among some that are not: each comes back as itself, at its descriptors.
#include "say.h"
#include <sys/socket.h>
#include <sys/stat.h>

#define MANY 40

static int pipes[MANY][2], pairs[MANY][2], files[MANY];
static struct stat before[MANY];

static int is_clear(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

static void verify(int signal)
{
	unsigned char byte;

	for (int i = 0; i < MANY; i++) {
		int flags = i % 7 == 3 ? O_NONBLOCK : 0, low = 0;
		socklen_t size = sizeof(low);
		struct stat now;

		CHECK((fcntl(pipes[i][1], F_GETFL) & O_NONBLOCK) == flags);
		CHECK((fcntl(pairs[i][0], F_GETFL) & O_NONBLOCK) == flags);
		CHECK(fcntl(pipes[i][0], F_GETFD) == (i % 2 ? FD_CLOEXEC : 0));
		CHECK(getsockopt(pairs[i][1], SOL_SOCKET, SO_RCVLOWAT, &low, &size) == 0 && low == 1 + i % 3);
		CHECK(fcntl(pipes[i][0], F_GETPIPE_SZ) == (i % 10 == 4 ? 8192 : 65536));
		CHECK(fstat(files[i], &now) == 0 && now.st_dev == before[i].st_dev && now.st_ino == before[i].st_ino);
		CHECK(lseek(files[i], 0, SEEK_CUR) == i % 4);
		if (i % 10 == 9) {
			CHECK(read(pipes[i][0], &byte, 1) == 1 && byte == 100 + i);
			CHECK(recv(pairs[i][1], &byte, 1, 0) == 1 && byte == 200 + i);
		}
		CHECK(is_clear(pairs[i][0]) && is_clear(pairs[i][1]));
	}
	// All are written to before any is read: each has to be another.
	for (int i = 0; i < MANY; i++) {
		byte = i;
		CHECK(write(pipes[i][1], &byte, 1) == 1 && send(pairs[i][0], &byte, 1, 0) == 1);
		byte = 255 - i;
		CHECK(send(pairs[i][1], &byte, 1, 0) == 1);
	}
	for (int i = 0; i < MANY; i++) {
		CHECK(read(pipes[i][0], &byte, 1) == 1 && byte == i);
		CHECK(recv(pairs[i][1], &byte, 1, MSG_PEEK) == 1 && byte == i);
		CHECK(recv(pairs[i][0], &byte, 1, 0) == 1 && byte == 255 - i);
	}
	say("ok\n");
}

int main(void)
{
	char name[2][200];
	unsigned char byte;

	for (int i = 0; i < 2; i++) {
		snprintf(name[i], sizeof(name[i]), "%s.%d", getenv("GHOST"), i);
		write(open(name[i], O_WRONLY | O_CREAT, 0600), "text", 4);
	}
	for (int i = 0; i < MANY; i++) {
		int low = 1 + i % 3;

		pipe(pipes[i]);
		socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]);
		files[i] = open(name[i % 2], i % 3 ? O_RDONLY : O_RDWR);
		fstat(files[i], &before[i]);
		lseek(files[i], i % 4, SEEK_SET);
		setsockopt(pairs[i][1], SOL_SOCKET, SO_RCVLOWAT, &low, sizeof(low));
		if (i % 2)
			fcntl(pipes[i][0], F_SETFD, FD_CLOEXEC);
		if (i % 7 == 3) {
			fcntl(pipes[i][1], F_SETFL, O_NONBLOCK);
			fcntl(pairs[i][0], F_SETFL, O_NONBLOCK);
		}
		if (i % 10 == 4)
			fcntl(pipes[i][0], F_SETPIPE_SZ, 8192);
		if (i % 10 == 9) {
			byte = 100 + i;
			write(pipes[i][1], &byte, 1);
			byte = 200 + i;
			send(pairs[i][0], &byte, 1, 0);
		}
	}
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
