// A task of SELinux: labels of its own, of sockets, and of sockets that it makes later.
#include "../../restore/victims/say.h"
#include <pthread.h>
#include <sys/socket.h>
#include <sys/xattr.h>

static const char *own, *others;
static int plain, chosen;

static void put(const char *name, const char *label)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/thread-self/attr/%s", name);
	fd = open(path, O_WRONLY);
	if (write(fd, label, strlen(label)) < 0)
		_exit(1);
	close(fd);
}

static int has(const char *name, const char *label)
{
	char path[64], text[256] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/thread-self/attr/%s", name);
	fd = open(path, O_RDONLY);
	read(fd, text, sizeof(text) - 1);
	close(fd);
	return strcmp(text, label) == 0;
}

static int is(int fd, const char *label)
{
	char text[256] = "";

	fgetxattr(fd, "security.selinux", text, sizeof(text) - 1);
	return strcmp(text, label) == 0;
}

static void verify(void)
{
	int made;

	CHECK(has("current", own));
	CHECK(has("sockcreate", others));
	CHECK(is(plain, own));
	CHECK(is(chosen, others));
	made = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK(is(made, others));
	close(made);
	say("ok\n");
}

static void *wait_for_end(void *unused)
{
	for (;;)
		pause();
}

int main(void)
{
	pthread_t thread;
	sigset_t set;
	int number;

	own = getenv("OWN");
	others = getenv("OTHERS");
	put("current", own);
	plain = socket(AF_INET, SOCK_STREAM, 0);
	put("sockcreate", others);
	chosen = socket(AF_UNIX, SOCK_DGRAM, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, 0);
	pthread_create(&thread, 0, wait_for_end, 0);
	say("ready\n");
	for (;;) {
		sigwait(&set, &number);
		verify();
	}
}
