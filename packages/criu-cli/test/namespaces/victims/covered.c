// Has files open that other mounts cover by now: below a folder of its mount, and a file that another one is bound over. Below $PLACE,
// which with $DISK is no file system of its own.
#define _GNU_SOURCE
#include "../../restore/victims/say.h"
#include "own-mounts.h"
#include <limits.h>
#include <sched.h>
#include <sys/inotify.h>
#include <sys/stat.h>

static int plain, folder, removed, bound, nested, watch = -1;

static const char *in(const char *name)
{
	static char path[4][PATH_MAX];
	static int next;
	char *one = path[next++ % 4];

	snprintf(one, PATH_MAX, "%s/%s", getenv("PLACE"), name);
	return one;
}

static int make(const char *name, int flags)
{
	int fd = open(in(name), O_CREAT | O_RDWR, 0600);

	MUST(fd >= 0 && write(fd, name, strlen(name)) == (ssize_t)strlen(name));
	close(fd);
	MUST((fd = open(in(name), flags)) >= 0);
	return fd;
}

/* Number of the mount that a descriptor is on. */
static unsigned long long mount_of(int fd)
{
	struct statx st;

	return statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) ? 0 : st.stx_mnt_id;
}

static int says(int fd, const char *what)
{
	char text[100];
	ssize_t got = pread(fd, text, sizeof(text), 0);

	return got == (ssize_t)strlen(what) && !memcmp(text, what, got);
}

/* Whether a change of the watched file is told. */
static int is_told(void)
{
	struct inotify_event event;
	int fd = openat(folder, "plain", O_WRONLY);
	int ok = fd >= 0 && write(fd, "c", 1) == 1 && read(watch, &event, sizeof(event)) == sizeof(event) && event.mask == IN_MODIFY;

	close(fd);
	return ok;
}

/* Whether a descriptor and a name lead to the same file of the same mount. */
static int same(int fd, const char *name)
{
	struct stat a, b;
	int other = open(in(name), O_PATH);
	int ok = other >= 0 && !fstat(fd, &a) && !fstat(other, &b) && a.st_ino == b.st_ino && a.st_dev == b.st_dev &&
		 mount_of(fd) == mount_of(other);

	close(other);
	return ok;
}

static void look(void)
{
	struct stat st;
	char cwd[PATH_MAX];

	CHECK(says(plain, "covered/plain") && says(removed, "covered/removed") && says(bound, "file"));
	CHECK(says(nested, "covered/deep/nested"));
	CHECK(!fstat(removed, &st) && st.st_nlink == 0);
	CHECK(mount_of(plain) == mount_of(folder) && mount_of(plain) == mount_of(removed) && mount_of(plain) == mount_of(bound));
	CHECK(pwrite(removed, "more", 4, 20) == 4 && ftruncate(removed, strlen("covered/removed")) == 0);
	CHECK(!faccessat(folder, "plain", F_OK, 0) && access(in("covered/plain"), F_OK));
	CHECK(!access("nested", F_OK) && getcwd(cwd, sizeof(cwd)));
	CHECK(watch < 0 || is_told());
	/* What covers them is taken away, and comes back. */
	CHECK(!umount2(in("covered"), MNT_DETACH) && !umount2(in("file"), MNT_DETACH));
	CHECK(same(plain, "covered/plain") && same(folder, "covered") && same(bound, "file"));
	CHECK(same(nested, "covered/deep/nested") && access(in("covered/removed"), F_OK));
	CHECK(mount("y", in("covered"), "tmpfs", 0, NULL) == 0 && mount("/dev/null", in("file"), NULL, MS_BIND, NULL) == 0);
	say("ok\n");
}

int main(void)
{
	sigset_t asked;
	int signal;

	sigemptyset(&asked);
	sigaddset(&asked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &asked, NULL);
	leave_host();
	if (!getenv("DISK"))
		MUST(mount("x", in("."), "tmpfs", 0, NULL) == 0);
	MUST(mkdir(in("covered"), 0700) == 0 && mkdir(in("covered/deep"), 0700) == 0);
	plain = make("covered/plain", O_RDONLY);
	removed = make("covered/removed", O_RDWR);
	nested = make("covered/deep/nested", O_RDONLY);
	bound = make("file", O_RDONLY);
	MUST(unlink(in("covered/removed")) == 0);
	if (getenv("WATCH")) {
		MUST((watch = inotify_init1(IN_NONBLOCK)) >= 0);
		MUST(inotify_add_watch(watch, in("covered/plain"), IN_MODIFY) >= 0);
	}
	MUST((folder = open(in("covered"), O_RDONLY | O_DIRECTORY)) >= 0);
	MUST(chdir(in("covered/deep")) == 0);
	MUST(mount("y", in("covered"), "tmpfs", 0, NULL) == 0);
	MUST(mount("/dev/null", in("file"), NULL, MS_BIND, NULL) == 0);
	say("ready\n");
	while (sigwait(&asked, &signal) == 0)
		look();
	return 1;
}
