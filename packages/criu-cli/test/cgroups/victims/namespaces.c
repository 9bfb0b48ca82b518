/* A tree with two cgroup namespaces: the parent's has $GROUPS/a as its root, and the parent is in /b of it; one child shares
 * it and is at its root; another has one of its own, with $GROUPS/a/b/c as the root. Each looks where it is. */
#include "../../restore/victims/say.h"
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif

static int answers[2];
static pid_t same, own;
static volatile sig_atomic_t asked;

static void ask(int signal)
{
	asked = signal;
}

static void join(const char *group)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s/cgroup.procs", getenv("GROUPS"), group);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, "0", 1) != 1)
		_exit(2);
	close(fd);
}

/* Whether a task is in a group, as this one sees it. */
static int in(pid_t pid, const char *group)
{
	char file[64], line[4096], wanted[4096];
	int found = 0;
	FILE *f;

	snprintf(file, sizeof(file), "/proc/%d/cgroup", pid);
	snprintf(wanted, sizeof(wanted), ":%s:%s\n", getenv("NAME"), group);
	f = fopen(file, "r");
	while (f && fgets(line, sizeof(line), f))
		if (strcmp(strchr(line, ':'), wanted) == 0)
			found = 1;
	if (f)
		fclose(f);
	return found;
}

static ino_t space(pid_t pid)
{
	char file[64];
	struct stat st = { 0 };

	snprintf(file, sizeof(file), "/proc/%d/ns/cgroup", pid);
	stat(file, &st);
	return st.st_ino;
}

static void verify(void)
{
	char answer = 0;

	CHECK(in(getpid(), "/b"));
	CHECK(in(same, "/"));
	CHECK(in(own, "/b/c"));
	CHECK(space(getpid()) == space(same));
	CHECK(space(getpid()) != space(own));
	CHECK(space(getpid()) != space(getppid()));
	kill(own, SIGUSR1);
	CHECK(read(answers[0], &answer, 1) == 1);
	CHECK(answer == 'y');
	say("ok\n");
}

static void child(const char *group)
{
	join(group);
	if (unshare(CLONE_NEWCGROUP))
		_exit(3);
	write(answers[1], "r", 1);
	for (;;) {
		/* No pause(2): the signal may have come before it. */
		usleep(1000);
		if (!asked)
			continue;
		asked = 0;
		write(answers[1], in(getpid(), "/") ? "y" : "n", 1);
	}
}

int main(void)
{
	char ready;

	signal(SIGUSR1, ask);
	pipe(answers);
	join("a");
	if (unshare(CLONE_NEWCGROUP))
		return 1;
	same = fork();
	if (same == 0)
		for (;;)
			pause();
	own = fork();
	if (own == 0)
		child("a/b/c");
	join("a/b");
	read(answers[0], &ready, 1);
	say("ready\n");
	for (;;) {
		/* No pause(2): the signal may have come before it. */
		usleep(1000);
		if (!asked)
			continue;
		asked = 0;
		verify();
	}
}
