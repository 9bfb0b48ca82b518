// A task that stays in the mount namespace of the host, beside a child in another one and a grandchild in a third: each sees
// its own mounts alone, and has files open on them.
#include "../../restore/victims/say.h"
#include "own-mounts.h"
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char place[200], home[64];
static int file, ask[2][2], answer[2][2];

static char *in(const char *name)
{
	static char names[4][300];
	static int n;
	char *to = names[n++ % 4];

	snprintf(to, 300, "%s/%s", place, name);
	return to;
}

static int has(int fd, const char *text)
{
	char got[50] = "";

	return pread(fd, got, sizeof(got) - 1, 0) == (ssize_t)strlen(text) && !strcmp(got, text);
}

static int put(const char *name, const char *text)
{
	int fd = open(in(name), O_CREAT | O_RDWR, 0600);

	MUST(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	return fd;
}

static int home_is(const char *then)
{
	char now[64] = "";

	return readlink("/proc/self/ns/mnt", now, sizeof(now) - 1) > 0 && !strcmp(now, then);
}

static void verify(int signal)
{
	char c;

	// The host's is the same before and after.
	CHECK(home_is(home) && has(file, "host") && access(in("child/file"), F_OK) && access(in("grandchild/file"), F_OK));
	for (int i = 0; i < 2; i++)
		CHECK(write(ask[i][1], "?", 1) == 1 && read(answer[i][0], &c, 1) == 1 && c == 'y');
	say("ok\n");
}

static void child(int i)
{
	const char *own = i ? "grandchild" : "child", *other = i ? "child" : "grandchild";
	char name[40], missing[40], c;
	int fd;

	MUST(!unshare(CLONE_NEWNS) && !mount(0, "/", 0, MS_REC | MS_PRIVATE, 0));
	leave_host();
	if (i)
		umount2(in("child"), MNT_DETACH);
	MUST(!mount("own", in(own), "tmpfs", 0, "size=1m"));
	snprintf(name, sizeof(name), "%s/file", own);
	snprintf(missing, sizeof(missing), "%s/file", other);
	fd = put(name, own);
	if (i == 0 && fork() == 0)
		child(1);
	MUST(write(answer[i][1], "!", 1) == 1);
	while (read(ask[i][0], &c, 1) == 1) {
		int fine = !home_is(home) && has(fd, own) && !access(in(name), F_OK) && access(in(missing), F_OK);

		write(answer[i][1], fine ? "y" : "n", 1);
	}
	_exit(0);
}

int main(void)
{
	char c;

	snprintf(place, sizeof(place), "%s", getenv("PLACE"));
	readlink("/proc/self/ns/mnt", home, sizeof(home) - 1);
	MUST(!mkdir(in("child"), 0755) && !mkdir(in("grandchild"), 0755));
	file = put("host", "host");
	for (int i = 0; i < 2; i++)
		MUST(!pipe(ask[i]) && !pipe(answer[i]));
	if (fork() == 0)
		child(0);
	for (int i = 0; i < 2; i++)
		MUST(read(answer[i][0], &c, 1) == 1);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
