// Files below a mount of its own that are only in flight, in the queue of a socket: watches, a bound socket, a folder and a FIFO.
#define _GNU_SOURCE
#include "../../restore/victims/say.h"
#include "own-mounts.h"
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/un.h>

#define COUNT 4
static int ends[2], round_number;
static struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "socket" };

static union {
	char room[CMSG_SPACE(COUNT * sizeof(int))];
	struct cmsghdr align;
} control;

static struct msghdr message(char *byte)
{
	static struct iovec piece;

	piece = (struct iovec){ byte, 1 };
	return (struct msghdr){ .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room) };
}

static void let_fly(const int *fds)
{
	char byte = 'x';
	struct msghdr m = message(&byte);
	struct cmsghdr *header = CMSG_FIRSTHDR(&m);

	*header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(COUNT * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(header), fds, COUNT * sizeof(int));
	MUST(sendmsg(ends[0], &m, 0) == 1);
	for (int i = 0; i < COUNT; i++)
		close(fds[i]);
}

static void verify(int sig)
{
	char byte, room[4096], file[32];
	struct msghdr m = message(&byte);
	int fds[COUNT], client = socket(AF_UNIX, SOCK_DGRAM, 0);
	struct stat folder, found;

	CHECK(recvmsg(ends[1], &m, MSG_DONTWAIT) == 1 && CMSG_FIRSTHDR(&m));
	memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fds));
	snprintf(file, sizeof(file), "folder/%d", round_number++);
	CHECK(mknod(file, S_IFREG | 0600, 0) == 0 && read(fds[0], room, sizeof(room)) > 0);
	CHECK(sendto(client, "m", 1, 0, (void *)&name, sizeof(name)) == 1 && recv(fds[1], room, 9, MSG_DONTWAIT) == 1);
	CHECK(!fstat(fds[2], &folder) && !stat("folder", &found) && folder.st_ino == found.st_ino && folder.st_dev == found.st_dev);
	CHECK(write(fds[3], "q", 1) == 1 && read(fds[3], room, 9) == 1);
	close(client);
	let_fly(fds);
	say("ok\n");
}

int main(void)
{
	struct sigaction action = { .sa_handler = verify };
	int fds[COUNT];

	leave_host();
	MUST(!mount("memory", getenv("PLACE"), "tmpfs", 0, 0) && !chdir(getenv("PLACE")));
	MUST(!mkdir("folder", 0700) && !mkfifo("fifo", 0600) && !socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
	fds[0] = inotify_init1(IN_NONBLOCK);
	MUST(inotify_add_watch(fds[0], "folder", IN_CREATE) > 0);
	fds[1] = socket(AF_UNIX, SOCK_DGRAM, 0);
	MUST(!bind(fds[1], (void *)&name, sizeof(name)));
	fds[2] = open("folder", O_RDONLY | O_DIRECTORY);
	fds[3] = open("fifo", O_RDWR);
	let_fly(fds);
	sigaction(SIGUSR1, &action, 0);
	say("ready\n");
	for (;;)
		pause();
}
