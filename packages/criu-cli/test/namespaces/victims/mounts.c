// A task in a mount namespace of its own, with what KIND says in it, and for some kinds a child in another one. It compares
// its list of mounts with what it was, and looks at contents, propagation and open files itself. Folders are below $PLACE.
#define _GNU_SOURCE
#include "../../restore/victims/say.h"
#include "own-mounts.h"
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <sys/wait.h>

#undef CHECK
#define CHECK(x)                                                                                                       \
	do {                                                                                                           \
		if (!(x)) {                                                                                            \
			snprintf(failure, sizeof(failure), "line %d: %s (errno %d)\n", __LINE__, #x, errno);            \
			return;                                                                                        \
		}                                                                                                      \
	} while (0)

static char failure[400];
static char place[200], before[1 << 16], child_before[1 << 16];
static int fds[5], covered, ask[2], answer[2];
static const char *kind;

static char *in(const char *name)
{
	static char names[8][300];
	static int n;
	char *to = names[n++ % 8];

	snprintf(to, 300, "%s/%s", place, name);
	return to;
}

static void put(const char *name, const char *text)
{
	int fd = open(in(name), O_CREAT | O_WRONLY | O_TRUNC, 0640);

	MUST(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static int has(const char *name, const char *text)
{
	char got[100] = "";
	int fd = open(in(name), O_RDONLY), n = read(fd, got, 99);

	close(fd);
	return n == (int)strlen(text) && strcmp(got, text) == 0;
}

static void folder(const char *name)
{
	MUST(mkdir(in(name), 0755) == 0);
}

static int by_place(const void *a, const void *b)
{
	return strcmp(*(char **)a, *(char **)b);
}

/* Sorted; peer groups by the order in which they are met, not by the kernel's numbers; no ids of mounts and devices. */
static void list_mounts(char *to, size_t size)
{
	FILE *f = fopen("/proc/self/mountinfo", "r");
	char line[2000], *lines[100];
	int known[100], groups = 0, count = 0, i, j;

	while (f && count < 100 && fgets(line, sizeof(line), f)) {
		char *root = line;

		for (i = 0; i < 3; i++)
			root = strchr(root, ' ') + 1;
		if (strstr(root, place))
			lines[count++] = strdup(root);
	}
	if (f)
		fclose(f);
	qsort(lines, count, sizeof(*lines), by_place);
	for (*to = 0, i = 0; i < count; i++) {
		for (char *tag = strtok(lines[i], " \n"); tag; tag = strtok(0, " \n")) {
			if (!strncmp(tag, "shared:", 7) || !strncmp(tag, "master:", 7)) {
				int group = atoi(tag + 7);

				for (j = 0; j < groups && known[j] != group; j++)
					;
				if (j == groups)
					known[groups++] = group;
				snprintf(to + strlen(to), size - strlen(to), "%.7s%d ", tag, j);
			} else if (strncmp(tag, "propagate_from", 14))
				snprintf(to + strlen(to), size - strlen(to), "%s ", tag);
		}
		snprintf(to + strlen(to), size - strlen(to), "\n");
		free(lines[i]);
	}
}

static int same_mounts(const char *then)
{
	static char now[1 << 16];

	list_mounts(now, sizeof(now));
	if (!strcmp(now, then))
		return 1;
	dprintf(2, "--- mounts were\n%s--- and are\n%s", then, now);
	return 0;
}

static int binds_here(const char *name)
{
	int made = mount(in(name), in("probe"), 0, MS_BIND, 0) == 0;

	if (made)
		umount(in("probe"));
	return made;
}

/* User 12 may read it, beside whom the mode tells. */
static const unsigned char acl[] = { 2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 4, 0, 12, 0, 0, 0, 4, 0, 4, 0, 255, 255, 255, 255,
	16, 0, 4, 0, 255, 255, 255, 255, 32, 0, 0, 0, 255, 255, 255, 255 };

#define HUGE (2 << 20)
static char *huge;

/* A file with a hole in the middle, which is open and mapped, and has a second name. */
static void make_huge(void)
{
	char *all;

	folder("huge/deep");
	MUST((fds[3] = open(in("huge/deep/file"), O_CREAT | O_RDWR, 0640)) >= 0 && !ftruncate(fds[3], 3 * HUGE));
	MUST((all = mmap(0, 3 * HUGE, PROT_READ | PROT_WRITE, MAP_SHARED, fds[3], 0)) != MAP_FAILED);
	strcpy(all + 100, "first");
	strcpy(all + 3 * HUGE - 100, "last");
	munmap(all, 3 * HUGE);
	MUST((huge = mmap(0, HUGE, PROT_READ | PROT_WRITE, MAP_SHARED, fds[3], 0)) != MAP_FAILED);
	MUST(!link(in("huge/deep/file"), in("huge/link")) && !chown(in("huge/link"), 12, 34));
}

static void check_huge(void)
{
	struct stat a, b;
	char got[100];

	CHECK(!stat(in("huge/deep/file"), &a) && !stat(in("huge/link"), &b) && a.st_ino == b.st_ino && a.st_size == 3 * HUGE);
	CHECK((a.st_mode & 07777) == 0640 && a.st_uid == 12 && a.st_gid == 34 && a.st_blocks == 2 * HUGE / 512);
	CHECK(!fstat(fds[3], &b) && a.st_ino == b.st_ino && a.st_dev == b.st_dev);
	CHECK(!strcmp(huge + 100, "first") && pread(fds[3], got, 100, 3 * HUGE - 100) == 100 && !strcmp(got, "last"));
	strcpy(huge + 200, "written");
	CHECK(pread(fds[3], got, 100, 200) == 100 && !strcmp(got, "written"));
	CHECK(pread(fds[3], got, 100, HUGE + 100) == 100 && !*got);
	*(huge + 200) = 0;
}

/* Files in memory: of all kinds, with attributes, below a mount that covers some of them. */
static void make_content(void)
{
	folder("t");
	MUST(!mount("memory", in("t"), "tmpfs", MS_NOSUID | MS_NOATIME, "size=4m,mode=750"));
	folder("t/deep");
	put("t/deep/file", "content");
	put("t/covered", "below the other");
	MUST(!link(in("t/deep/file"), in("t/link")) && !symlink("deep/file", in("t/symlink")) && !mkfifo(in("t/fifo"), 0600));
	MUST(!mknod(in("t/null"), S_IFCHR | 0666, makedev(1, 3)) && !chown(in("t/deep"), 12, 34));
	if (!getenv("PLAIN")) {
		folder("huge");
		MUST(!mount("pages", in("huge"), "hugetlbfs", MS_NOSUID, "pagesize=2M,mode=1700") || errno == ENODEV);
		if (getenv("HUGE_FILE"))
			make_huge();
	}
	MUST(!setxattr(in("t/deep/file"), "trusted.mark", "one\0two", 7, 0));
	MUST(!setxattr(in("t/deep/file"), "system.posix_acl_access", acl, sizeof(acl), 0));
	folder("t/over");
	put("t/over/hidden", "hidden");
	MUST(!mount("upper", in("t/over"), "tmpfs", 0, 0));
	put("t/over/seen", "seen");
	MUST(!mount(0, in("t/over"), 0, MS_REMOUNT | MS_BIND | MS_RDONLY, 0));
}

static void check_content(void)
{
	struct stat a, b;
	struct statfs fs;

	CHECK(has("t/deep/file", "content") && has("t/symlink", "content") && has("t/over/seen", "seen"));
	CHECK(!stat(in("t/deep/file"), &a) && !stat(in("t/link"), &b) && a.st_ino == b.st_ino && (a.st_mode & 07777) == 0640);
	CHECK(!lstat(in("t/fifo"), &a) && S_ISFIFO(a.st_mode) && !stat(in("t/null"), &a) && a.st_rdev == makedev(1, 3));
	CHECK(!stat(in("t/deep"), &a) && a.st_uid == 12 && a.st_gid == 34);
	if (!getenv("PLAIN")) {
		char got[100];

		CHECK(getxattr(in("t/deep/file"), "trusted.mark", got, sizeof(got)) == 7 && !memcmp(got, "one\0two", 7));
		CHECK(getxattr(in("t/link"), "system.posix_acl_access", got, 100) == sizeof(acl) && !memcmp(got, acl, sizeof(acl)));
	}
	CHECK(!statfs(in("t"), &fs) && fs.f_blocks * fs.f_bsize == 4 << 20);
	CHECK(access(in("t/over/hidden"), F_OK) && open(in("t/over/new"), O_CREAT | O_WRONLY, 0600) < 0 && errno == EROFS);
	if (getenv("HUGE_FILE"))
		check_huge();
	CHECK(!umount(in("t/over")) && has("t/over/hidden", "hidden"));
	CHECK(!mount("upper", in("t/over"), "tmpfs", 0, 0));
	put("t/over/seen", "seen");
	CHECK(!mount(0, in("t/over"), 0, MS_REMOUNT | MS_BIND | MS_RDONLY, 0));
}

/* Binds: of a folder, of a file over a file, of what has been removed since, and of two parts of what nothing shows whole. */
static void make_binds(void)
{
	folder("t");
	MUST(!mount("memory", in("t"), "tmpfs", 0, 0));
	folder("t/a");
	folder("t/gone");
	folder("b1");
	folder("b2");
	put("t/a/file", "one");
	put("t/removed", "");
	put("f1", "covered");
	put("f2", "covered");
	MUST(!mount(in("t/a"), in("b1"), 0, MS_BIND, 0) && !mount(in("t/gone"), in("b2"), 0, MS_BIND, 0));
	MUST(!mount(in("t/a/file"), in("f1"), 0, MS_BIND, 0) && !mount(in("t/removed"), in("f2"), 0, MS_BIND, 0));
	MUST(!rmdir(in("t/gone")) && !unlink(in("t/removed")));
	// Somebody else has the name.
	put("t/removed", "another");
	if (getenv("FULL")) {
		put("f2", "content of a file without a name");
		MUST(!chown(in("f2"), 12, 34) && !chmod(in("f2"), 0604) && !chown(in("b2"), 56, 78) && !chmod(in("b2"), 0711));
		MUST((fds[0] = open(in("f2"), O_RDWR)) >= 0 && lseek(fds[0], 8, SEEK_SET) == 8);
	}
}

static void check_binds(void)
{
	struct stat st;

	CHECK(has("b1/file", "one") && has("f1", "one") && has("t/removed", "another"));
	if (getenv("FULL")) {
		struct stat open_one;
		char got[4];

		CHECK(has("f2", "content of a file without a name") && read(fds[0], got, 2) == 2 && !memcmp(got, "of", 2));
		CHECK(!stat(in("f2"), &st) && !fstat(fds[0], &open_one) && st.st_ino == open_one.st_ino && st.st_nlink == 0);
		CHECK(st.st_uid == 12 && st.st_gid == 34 && (st.st_mode & 07777) == 0604);
		CHECK(!stat(in("b2"), &st) && st.st_uid == 56 && st.st_gid == 78 && (st.st_mode & 07777) == 0711);
		lseek(fds[0], 8, SEEK_SET);
	} else
		CHECK(has("f2", ""));
	CHECK(!stat(in("b2"), &st) && st.st_nlink == 0 && mkdir(in("b2/x"), 0700) && errno == ENOENT);
	CHECK(!stat(in("f2"), &st) && st.st_nlink == 0 && access(in("t/gone"), F_OK));
	put("b1/file", "two");
	CHECK(has("t/a/file", "two") && has("f1", "two"));
	put("b1/file", "one");
}

/* Groups of peers, slaves of them, slaves with peers of their own, and mounts that nobody can clone. */
static void make_propagation(void)
{
	static const char *const names[] = { "peer", "slave", "both", "after", "alone" };
	unsigned i;

	folder("s");
	MUST(!mount("memory", in("s"), "tmpfs", 0, 0) && !mount(0, in("s"), 0, MS_SHARED, 0));
	folder("s/m");
	folder("s/m/inner");
	for (i = 0; i < 5; i++)
		folder(names[i]);
	MUST(!mount(in("s"), in("peer"), 0, MS_BIND, 0) && !mount(in("s"), in("slave"), 0, MS_BIND, 0));
	MUST(!mount(0, in("slave"), 0, MS_SLAVE, 0) && !mount(in("s"), in("both"), 0, MS_BIND, 0));
	MUST(!mount(0, in("both"), 0, MS_SLAVE, 0) && !mount(0, in("both"), 0, MS_SHARED, 0));
	MUST(!mount(in("both"), in("after"), 0, MS_BIND, 0) && !mount(0, in("after"), 0, MS_SLAVE, 0));
	MUST(!mount("memory", in("alone"), "tmpfs", 0, 0) && !mount(0, in("alone"), 0, MS_UNBINDABLE, 0));
	put("alone/file", "alone");
}

static void check_propagation(void)
{
	CHECK(!mount("probe", in("peer/m"), "tmpfs", 0, 0));
	put("peer/m/file", "all");
	CHECK(has("s/m/file", "all") && has("slave/m/file", "all") && has("both/m/file", "all") && has("after/m/file", "all"));
	CHECK(!umount(in("s/m")) && access(in("after/m/file"), F_OK));
	CHECK(!mount("probe", in("both/m"), "tmpfs", 0, 0));
	put("both/m/file", "below");
	CHECK(has("after/m/file", "below") && access(in("s/m/file"), F_OK) && access(in("slave/m/file"), F_OK));
	CHECK(!umount(in("both/m")) && binds_here("s") && !binds_here("alone") && has("alone/file", "alone"));
}

/* Files on mounts: covered by another, without a name on a mount that is read-only, watched, bound by a socket. */
static void make_files(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	folder("t");
	folder("r");
	MUST(!mount("memory", in("t"), "tmpfs", 0, 0) && !mount(in("t"), in("r"), 0, MS_BIND, 0));
	put("t/file", "plain");
	put("t/ghost", "no name");
	MUST((fds[0] = open(in("t/file"), O_RDONLY)) >= 0 && (fds[1] = open(in("r/ghost"), O_RDONLY)) >= 0);
	/* The same file by another mount. */
	MUST((fds[4] = open(in("t/ghost"), O_RDWR)) >= 0);
	MUST(!unlink(in("t/ghost")) && !mount(0, in("r"), 0, MS_REMOUNT | MS_BIND | MS_RDONLY, 0));
	MUST((fds[2] = inotify_init1(IN_NONBLOCK)) >= 0 && inotify_add_watch(fds[2], in("t/file"), IN_ATTRIB) == 1);
	snprintf(name.sun_path, sizeof(name.sun_path), "%s", in("t/sock"));
	MUST((fds[3] = socket(AF_UNIX, SOCK_STREAM, 0)) >= 0 && !bind(fds[3], (void *)&name, sizeof(name)) && !listen(fds[3], 5));
	folder("t/cwd");
	MUST(!chdir(in("t/cwd")));
	/* A socket whose name is covered. */
	folder("c");
	snprintf(name.sun_path, sizeof(name.sun_path), "%s", in("c/sock"));
	MUST((covered = socket(AF_UNIX, SOCK_DGRAM, 0)) >= 0 && !bind(covered, (void *)&name, sizeof(name)));
	MUST(!mount("upper", in("c"), "tmpfs", 0, 0));
}

static void check_files(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct stat a, b;
	char text[4096] = "";
	int client = socket(AF_UNIX, SOCK_STREAM, 0), got;

	CHECK(pread(fds[0], text, 9, 0) == 5 && !strcmp(text, "plain") && pread(fds[1], text, 9, 0) == 7);
	CHECK(!strcmp(text, "no name") && !fstat(fds[1], &a) && a.st_nlink == 0);
	CHECK(!fstat(fds[4], &b) && a.st_ino == b.st_ino && a.st_dev == b.st_dev);
	CHECK(pwrite(fds[4], "new name", 8, 0) == 8 && pread(fds[1], text, 9, 0) == 8 && !strcmp(text, "new name"));
	CHECK(pwrite(fds[4], "no name", 7, 0) == 7 && !ftruncate(fds[4], 7));
	snprintf(text, 100, "/proc/self/fd/%d", fds[1]);
	CHECK(open(text, O_RDWR) < 0 && errno == EROFS);
	CHECK(!chmod(in("t/file"), 0600) && (got = read(fds[2], text, sizeof(text))) > 0 && *(int *)text == 1);
	snprintf(name.sun_path, sizeof(name.sun_path), "%s", in("t/sock"));
	CHECK(!connect(client, (void *)&name, sizeof(name)) && (got = accept(fds[3], 0, 0)) >= 0);
	close(got);
	close(client);
	CHECK(!stat(".", &a) && !stat(in("t/cwd"), &b) && a.st_ino == b.st_ino && a.st_dev == b.st_dev);
	CHECK(lstat(in("c/sock"), &a) && !umount(in("c")) && !lstat(in("c/sock"), &a) && S_ISSOCK(a.st_mode));
	CHECK(!mount("upper", in("c"), "tmpfs", 0, 0) && !getsockname(covered, (void *)&name, &(socklen_t){ sizeof(name) }));
	CHECK(!strcmp(name.sun_path, in("c/sock")));
}

/* A child in a namespace of its own: a mount that only it has, one that both share, and a file of its on the parent's. */
static void child(void)
{
	char c;

	MUST(!unshare(CLONE_NEWNS) && !mount("childs", in("own"), "tmpfs", 0, "size=1m"));
	put("own/file", "the child's");
	MUST((fds[1] = open(in("own/ghost"), O_CREAT | O_RDWR, 0600)) >= 0 && write(fds[1], "x", 1) == 1);
	MUST(!unlink(in("own/ghost")) && !chdir(in("own")));
	list_mounts(child_before, sizeof(child_before));
	write(answer[1], "r", 1);
	while (read(ask[0], &c, 1) == 1) {
		struct stat st, root;
		int good;

		if (c == 'l') {
			write(answer[1], same_mounts(child_before) ? "y" : "n", 1);
			continue;
		}
		good = has("own/file", "the child's") && pread(fds[1], &c, 1, 0) == 1 && c == 'x';

		// What the parent has mounted on the shared one is here too; what is in front of it is not.
		good = good && !fstat(fds[1], &st) && st.st_nlink == 0 && has("both/m/file", "all");
		good = good && pread(fds[0], &c, 1, 0) == 1 && c == 'p' && !stat(".", &st) && !stat(in("own"), &root);
		write(answer[1], good && st.st_ino == root.st_ino && st.st_dev == root.st_dev ? "y" : "n", 1);
	}
	_exit(0);
}

static void make_several(void)
{
	char c;

	folder("own");
	folder("both");
	put("parents", "p");
	MUST(!mount("memory", in("both"), "tmpfs", 0, 0) && !mount(0, in("both"), 0, MS_SHARED, 0));
	folder("both/m");
	folder("mine");
	MUST(!mount("parents", in("mine"), "tmpfs", 0, 0) && !mount(0, in("mine"), 0, MS_PRIVATE, 0));
	put("mine/file", "p");
	MUST((fds[0] = open(in("mine/file"), O_RDONLY)) >= 0 && !pipe(ask) && !pipe(answer));
	if (fork() == 0)
		child();
	MUST(read(answer[0], &c, 1) == 1);
}

static void check_several(void)
{
	char c = 0;

	CHECK(access(in("own/file"), F_OK) && has("mine/file", "p"));
	CHECK(write(ask[1], "l", 1) == 1 && read(answer[0], &c, 1) == 1 && c == 'y');
	CHECK(!mount("probe", in("both/m"), "tmpfs", 0, 0));
	put("both/m/file", "all");
	CHECK(write(ask[1], "?", 1) == 1 && read(answer[0], &c, 1) == 1 && c == 'y');
	CHECK(!umount(in("both/m")));
}

static const struct {
	const char *name;
	void (*make)(void), (*check)(void);
} KINDS[] = {
	{ "content", make_content, check_content }, { "binds", make_binds, check_binds },
	{ "propagation", make_propagation, check_propagation }, { "files", make_files, check_files },
	{ "several", make_several, check_several },
};

static void check(void)
{
	unsigned i;

	CHECK(same_mounts(before));
	for (i = 0; i < sizeof(KINDS) / sizeof(*KINDS); i++)
		if (!strcmp(kind, KINDS[i].name))
			KINDS[i].check();
}

static void verify(int signal)
{
	*failure = 0;
	check();
	say(*failure ? failure : "ok\n");
}

/* Whoever started it has opened these in another namespace. */
int main(void)
{
	unsigned i;

	leave_host();
	kind = getenv("KIND");
	snprintf(place, sizeof(place), "%s", getenv("PLACE"));
	folder("probe");
	for (i = 0; i < sizeof(KINDS) / sizeof(*KINDS); i++)
		if (!strcmp(kind, KINDS[i].name))
			KINDS[i].make();
	list_mounts(before, sizeof(before));
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
