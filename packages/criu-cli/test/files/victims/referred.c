// Descriptors that only refer to files (O_PATH), of each type, which a child has as well. With PIPE=1, one of them is of a pipe.
#define _GNU_SOURCE
#include "../../restore/victims/say.h"
#include "../../namespaces/victims/own-mounts.h"
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define MOST 8
static int fds[MOST], count, listener;
static char before[MOST][600];
static volatile int *child_sees;

static void look(int fd, char *to)
{
	char path[64], link[300] = "";
	struct stat st = { 0 };

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	readlink(path, link, sizeof(link) - 1);
	fstat(fd, &st);
	snprintf(to, 600, "%s type %o links %d device %lx flags %x", link, st.st_mode, (int)st.st_nlink, (long)st.st_rdev,
		 fcntl(fd, F_GETFL));
}

static int same(void)
{
	char now[600];
	int i;

	for (i = 0; i < count; i++) {
		look(fds[i], now);
		if (strcmp(now, before[i]))
			return 0;
	}
	return 1;
}

static void keep(const char *path, int flags)
{
	fds[count] = open(path, O_PATH | flags);
	look(fds[count], before[count]);
	count++;
}

static int reachable(int fd)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int client = socket(AF_UNIX, SOCK_STREAM, 0), good;

	snprintf(name.sun_path, sizeof(name.sun_path), "/proc/self/fd/%d", fd);
	good = !connect(client, (void *)&name, sizeof(name));
	// A connection that was closed before it was accepted could not be dumped.
	close(accept(listener, 0, 0));
	close(client);
	return good;
}

static void verify(int sig)
{
	CHECK(same());
	CHECK(getenv("PIPE") || reachable(fds[2]));
	*child_sees = 0;
	while (!*child_sees)
		usleep(1000);
	CHECK(*child_sees == 1);
	say("ok\n");
}

int main(void)
{
	struct sigaction action = { .sa_handler = verify };
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "socket" };
	char path[64];
	int ends[2], memory, terminal;

	leave_host();
	child_sees = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*child_sees = 1;
	MUST(!chdir(getenv("PLACE")));
	// Terminals of its own, whose numbers nobody else takes.
	MUST(!mkdir("pts", 0755) && !mount("pts", "pts", "devpts", 0, "newinstance,ptmxmode=666"));
	symlink("nowhere", "link");
	keep("link", O_NOFOLLOW);
	mkfifo("fifo", 0600);
	keep("fifo", 0);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	MUST(!bind(listener, (void *)&name, sizeof(name)) && !listen(listener, 5));
	keep("socket", O_CLOEXEC);
	MUST((terminal = open("pts/ptmx", O_RDWR | O_NOCTTY)) >= 0);
	unlockpt(terminal);
	keep("pts/0", 0);
	keep("/dev/null", 0);
	memory = memfd_create("memory", 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", memory);
	keep(path, 0);
	mkfifo("gone", 0600);
	keep("gone", 0);
	unlink("gone");
	look(fds[count - 1], before[count - 1]);
	if (getenv("PIPE") && !pipe(ends)) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
		keep(path, 0);
	}
	if (fork() == 0)
		for (;; usleep(1000))
			if (!*child_sees)
				*child_sees = same() ? 1 : 2;
	sigaction(SIGUSR1, &action, 0);
	say("ready\n");
	for (;;)
		pause();
}
