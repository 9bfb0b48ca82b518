// A task with automounts of its own, and their daemons as its children: direct (the daemon has closed its end of the pipe to write to),
// indirect with folders and a link, one whose daemon has made it catatonic, and one whose daemon was killed. It uses each of them
// when it looks at itself. KIND busy: there is the direct
// one alone, and its daemon does not read what it is asked. PLAIN: what CRIU knows how to dump. Mount points are below $PLACE.
#define _GNU_SOURCE
#include "../../restore/victims/say.h"
#include "own-mounts.h"
#include <linux/auto_fs.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#undef CHECK
#define CHECK(x)                                                                                                       \
	do {                                                                                                           \
		if (!(x)) {                                                                                            \
			snprintf(failure, sizeof(failure), "line %d: %s (errno %d)\n", __LINE__, #x, errno);            \
			return;                                                                                        \
		}                                                                                                      \
	} while (0)

#define TMPFS 0x01021994

static char failure[400];
static char direct[300], indirect[300], given_up[300], left[300], sub[300], inside[400];
static int held, busy, plain;

/* Mounts a tmpfs wherever it is asked to. */
static void serve(int pipe, int root, const char *mountpoint)
{
	struct autofs_v5_packet packet;

	while (read(pipe, &packet, sizeof(packet)) == sizeof(packet)) {
		char to[700];

		snprintf(to, sizeof(to), "%s", mountpoint);
		if (packet.hdr.type == autofs_ptype_missing_indirect) {
			snprintf(to, sizeof(to), "%s/%s", mountpoint, packet.name);
			mkdir(to, 0750);
		}
		if (mount("memory", to, "tmpfs", 0, "size=1m"))
			ioctl(root, AUTOFS_IOC_FAIL, (unsigned long)packet.wait_queue_token);
		else
			ioctl(root, AUTOFS_IOC_READY, (unsigned long)packet.wait_queue_token);
	}
	exit(1);
}

enum end { SERVES, CLOSES, GIVES_UP, DIES };

static void automount(const char *mountpoint, const char *type, enum end end)
{
	int ready[2], pid, status;
	char c;

	MUST(mkdir(mountpoint, 0755) == 0 && pipe(ready) == 0 && (pid = fork()) >= 0);
	if (pid == 0) {
		unsigned long timeout = 77;
		int ends[2], root;
		char options[200];

		close(ready[0]);
		MUST(setpgid(0, 0) == 0 && pipe(ends) == 0);
		snprintf(options, sizeof(options), "fd=%d,pgrp=%d,minproto=5,maxproto=5,%s", ends[1], getpid(), type);
		MUST(mount("automounts", mountpoint, "autofs", 0, options) == 0);
		MUST((root = open(mountpoint, O_RDONLY | O_DIRECTORY)) >= 0);
		MUST(ioctl(root, AUTOFS_IOC_SETTIMEOUT, &timeout) == 0);
		if (!strcmp(type, "indirect")) {
			char name[400];

			snprintf(name, sizeof(name), "%s/browse", mountpoint);
			MUST(mkdir(name, 0710) == 0 && chown(name, 12, 34) == 0);
			snprintf(name, sizeof(name), "%s/browse/deep", mountpoint);
			MUST(mkdir(name, 0755) == 0);
			snprintf(name, sizeof(name), "%s/link", mountpoint);
			MUST(symlink("/etc", name) == 0);
		}
		if (end == CLOSES)
			close(ends[1]);
		if (end == GIVES_UP)
			MUST(ioctl(root, AUTOFS_IOC_CATATONIC, 0) == 0);
		MUST(write(ready[1], "r", 1) == 1);
		if (end == DIES || end == GIVES_UP)
			_exit(0);
		if (busy) {
			struct pollfd asked = { ends[0], POLLIN };

			MUST(poll(&asked, 1, -1) == 1 && write(ready[1], "q", 1) == 1);
			for (;;)
				pause();
		}
		close(ready[1]);
		serve(ends[0], root, mountpoint);
	}
	close(ready[1]);
	MUST(read(ready[0], &c, 1) == 1);
	if (busy) {
		/* Nobody ever answers this one: it goes, and what it has asked stays. */
		if ((pid = fork()) == 0) {
			int fd = open(mountpoint, O_RDONLY | O_DIRECTORY);

			_exit(fd);
		}
		MUST(read(ready[0], &c, 1) == 1 && !kill(pid, SIGKILL) && waitpid(pid, &status, 0) == pid);
	}
	close(ready[0]);
	if (end == DIES || end == GIVES_UP)
		MUST(waitpid(pid, &status, 0) == pid && status == 0);
}

static long type_of(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) ? -1 : fs.f_type;
}

/* A look with O_DIRECTORY has the daemon asked. */
static int looks(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* A mount without a daemon is as empty as its folder. */
static int is_dead(const char *mountpoint)
{
	char name[400];

	snprintf(name, sizeof(name), "%s/any", mountpoint);
	return open(name, O_RDONLY) < 0 && errno == ENOENT;
}

static int says(const char *mountpoint, const char *option)
{
	FILE *f = fopen("/proc/self/mountinfo", "r");
	char line[2000], middle[400];
	int found = 0;

	snprintf(middle, sizeof(middle), " %s ", mountpoint);
	while (fgets(line, sizeof(line), f))
		found |= strstr(line, middle) && strstr(line, " autofs ") && strstr(line, option);
	fclose(f);
	return found;
}

static void check_names(void)
{
	char name[400], target[20] = "";
	struct stat st;

	snprintf(name, sizeof(name), "%s/browse", indirect);
	CHECK(!fstatat(AT_FDCWD, name, &st, AT_NO_AUTOMOUNT) && st.st_mode == (S_IFDIR | 0710) && st.st_uid == 12 && st.st_gid == 34);
	snprintf(name, sizeof(name), "%s/browse/deep", indirect);
	CHECK(!fstatat(AT_FDCWD, name, &st, AT_NO_AUTOMOUNT) && st.st_mode == (S_IFDIR | 0755));
	snprintf(name, sizeof(name), "%s/link", indirect);
	CHECK(readlink(name, target, sizeof(target)) == 4 && !strcmp(target, "/etc"));
}

static void check(void)
{
	struct stat open_one, named;
	char c = 0;

	CHECK(says(indirect, "timeout=77") && says(indirect, ",indirect"));
	CHECK(says(given_up, "fd=-1") && is_dead(given_up));
	CHECK(type_of(sub) == TMPFS && umount(sub) == 0 && looks(sub) && type_of(sub) == TMPFS);
	if (plain)
		return;
	CHECK(says(direct, "timeout=77") && says(direct, ",direct") && says(left, "") && is_dead(left) && says(left, "fd=-1"));
	CHECK(fstat(held, &open_one) == 0 && stat(inside, &named) == 0);
	CHECK(open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev && pread(held, &c, 1, 0) == 1 && c == 'c');
	check_names();
	if (*failure)
		return;
	close(held);
	CHECK(type_of(direct) == TMPFS && umount(direct) == 0 && looks(direct) && type_of(direct) == TMPFS);
	CHECK((held = open(inside, O_CREAT | O_RDWR, 0600)) >= 0 && write(held, "c", 1) == 1);
}

static void verify(int signal)
{
	*failure = 0;
	if (!busy)
		check();
	say(*failure ? failure : "ok\n");
}

int main(void)
{
	const char *place = getenv("PLACE");

	leave_host();
	snprintf(direct, sizeof(direct), "%s/direct", place);
	snprintf(indirect, sizeof(indirect), "%s/indirect", place);
	snprintf(given_up, sizeof(given_up), "%s/given-up", place);
	snprintf(left, sizeof(left), "%s/left", place);
	snprintf(sub, sizeof(sub), "%s/sub", indirect);
	snprintf(inside, sizeof(inside), "%s/file", direct);
	busy = !strcmp(getenv("KIND"), "busy");
	plain = getenv("PLAIN") != 0;
	if (!busy) {
		automount(indirect, "indirect", SERVES);
		automount(given_up, "direct", GIVES_UP);
		MUST(looks(sub) && type_of(sub) == TMPFS);
	}
	if (!plain)
		automount(direct, "direct", CLOSES);
	if (!plain && !busy) {
		automount(left, "direct", DIES);
		MUST(looks(direct));
		MUST((held = open(inside, O_CREAT | O_RDWR, 0600)) >= 0 && write(held, "c", 1) == 1);
	}
	/* That is what a look at a mount whose daemon has ended costs. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
