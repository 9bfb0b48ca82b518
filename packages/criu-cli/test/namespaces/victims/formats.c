// Binary formats of a user namespace of its own (Linux 6.7), on a file system that is read-only by now. It compares all files of it.
#define _GNU_SOURCE
#include "../../restore/victims/say.h"
#include "own-mounts.h"
#include <dirent.h>
#include <sched.h>
#include <sys/wait.h>

static char before[4096];

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	MUST(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void list(char *to)
{
	struct dirent **files;
	int i, count = scandir(".", &files, 0, by_name);

	*to = 0;
	for (i = 0; i < count; i++) {
		char text[1000] = "";
		int fd = open(files[i]->d_name, O_RDONLY);

		read(fd, text, sizeof(text) - 1);
		close(fd);
		sprintf(to + strlen(to), "%s\n%s\n", files[i]->d_name, text);
	}
}

static void verify(int sig)
{
	char now[4096];

	if (!*before) {
		say("not here\n");
		return;
	}
	list(now);
	if (strcmp(now, before))
		dprintf(2, "formats were\n%sand are\n%s", before, now);
	CHECK(!strcmp(now, before) && strstr(before, "magic 7f454c"));
	CHECK(open("register", O_WRONLY) < 0 && errno == EROFS);
	say("ok\n");
}

static char **arguments, stack[1 << 16];
static int mapped[2];

static int in_namespace(void *unused)
{
	char c;

	MUST(read(mapped[0], &c, 1) == 1 && setsid() > 0 && !setresgid(0, 0, 0) && !setresuid(0, 0, 0) && !setenv("INSIDE", "1", 1));
	// So that the program is on the mounts of this namespace.
	execv(arguments[0], arguments);
	return 1;
}

/* What a user namespace cannot mount again must not be there. */
static void leave_kernel(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	char *points[4096];
	struct mntent *one;
	int count = 0;

	while (count < 4096 && (one = getmntent(mounts)))
		if (strcmp(one->mnt_dir, "/") && strcmp(one->mnt_dir, "/proc"))
			points[count++] = strdup(one->mnt_dir);
	endmntent(mounts);
	while (count-- > 0)
		umount2(points[count], MNT_DETACH);
}

static void outside(char **argv)
{
	static const char *const files[] = { "uid_map", "gid_map" };
	char path[64];
	int i, pid;

	leave_kernel();
	// Files that the child reopens: what it has now is on mounts that go.
	MUST(!chdir(getenv("PLACE")) && (i = open("said", O_CREAT | O_RDWR, 0666)) >= 0 && !fchmod(i, 0666) && !pipe(mapped));
	MUST(!mkdir("formats", 0755));
	dup2(i, 0);
	dup2(i, 1);
	dup2(i, 2);
	arguments = argv;
	pid = clone(in_namespace, stack + sizeof(stack), CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, 0);
	MUST(pid > 0);
	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", pid, files[i]);
		put(path, "0 300000 1000");
	}
	write(mapped[1], "!", 1);
	waitpid(pid, 0, 0);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = verify };
	int fd;

	if (!getenv("INSIDE"))
		outside(argv);
	for (fd = 0; fd < 3; fd++)
		reopen(fd);
	for (; fd < 20; fd++)
		close(fd);
	sigaction(SIGUSR1, &action, 0);
	if (mount("formats", "formats", "binfmt_misc", 0, 0) || chdir("formats")) {
		say("ready\n");
		for (;;)
			pause();
	}
	put("register", ":known:E::known::/bin/sh:OC");
	put("register", "|known:2|M|3|\\x7fELF|\\xff\\x00\\xff\\xff|/bin/cat|");
	put("register", ":text:M::plain::/bin/cat:F");
	put("known:2", "0");
	list(before);
	MUST(!mount(0, ".", 0, MS_REMOUNT | MS_BIND | MS_RDONLY, 0));
	say("ready\n");
	for (;;)
		pause();
}
