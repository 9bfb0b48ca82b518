// A task of SELinux: labels of its own, of sockets, and of what it makes later. With CONFINED it cannot change its own label.
#include "../../restore/victims/say.h"
#include <pthread.h>
#include <sys/socket.h>
#include <sys/xattr.h>

static const char *own, *others;
static int plain, chosen;
static volatile int other;

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

/* The labels that a thread chooses for what it makes. */
static const char *const choices[] = { "sockcreate", "exec", "fscreate", "keycreate" };

/* Whether the other thread has chosen none. */
static int none_chosen(void)
{
	char path[64], text[8];

	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "/proc/self/task/%d/attr/%s", other, choices[i]);
		int fd = open(path, O_RDONLY), size = read(fd, text, sizeof(text));
		close(fd);
		if (size != 0)
			return 0;
	}
	return 1;
}

static int may_change(void)
{
	int fd = open("/proc/thread-self/attr/current", O_WRONLY);
	int result = write(fd, others, strlen(others));

	close(fd);
	return result >= 0 || errno != EACCES;
}

static void verify(void)
{
	char name[] = "/tmp/labelled-XXXXXX";
	int made;

	CHECK(has("current", own));
	for (int i = 0; i < 4; i++)
		CHECK(has(choices[i], others));
	CHECK(none_chosen());
	CHECK(!getenv("CONFINED") || !may_change());
	CHECK(is(plain, own));
	CHECK(is(chosen, others));
	made = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK(is(made, others));
	close(made);
	made = mkstemp(name);
	unlink(name);
	CHECK(is(made, others));
	close(made);
	say("ok\n");
}

static void *wait_for_end(void *unused)
{
	other = gettid();
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
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, 0);
	pthread_create(&thread, 0, wait_for_end, 0);
	for (int i = 0; i < 4; i++)
		put(choices[i], others);
	chosen = socket(AF_UNIX, SOCK_DGRAM, 0);
	while (!other)
		usleep(1000);
	say("ready\n");
	for (;;) {
		sigwait(&set, &number);
		verify();
	}
}
