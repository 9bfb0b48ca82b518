// Files and folders that are open and have no name any more: in deleted folders, of every kind, shared by two tasks.
#include "../../restore/victims/say.h"
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#define HOLE (1 << 20)

static int plain, appended, first, second, one, other, taken, born, nofollow, symbolic, device, sparse, acled;
static int folder, inside, fifo, bound, twin[2], up;
static char *mapped, base[200];
static pid_t child;

static const char *in(const char *name)
{
	static char path[8][400];
	static int turn;

	turn = (turn + 1) % 8;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", base, name);
	return path[turn];
}

// What the kernel says of a descriptor: the old name, marked as deleted.
static int leads(int fd, const char *name)
{
	char link[500] = "", proc[64], want[500];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	readlink(proc, link, sizeof(link) - 1);
	snprintf(want, sizeof(want), "%s (deleted)", in(name));
	return !strcmp(link, want);
}

static int nameless(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_nlink == 0;
}

static int same(int a, int b)
{
	struct stat x, y;

	return !fstat(a, &x) && !fstat(b, &y) && x.st_ino == y.st_ino && x.st_dev == y.st_dev;
}

static int holds(int fd, const char *text)
{
	char room[100] = "";

	return pread(fd, room, sizeof(room), 0) == (ssize_t)strlen(text) && !strcmp(room, text);
}

// A POSIX ACL that gives a user more than the mode says: rw for the owner, rwx for user 1234, nothing for the group, r-x at most.
static const struct {
	unsigned version;
	struct {
		unsigned short tag, perm;
		int id;
	} entry[5];
} acl = { 2, { { 1, 6, -1 }, { 2, 7, 1234 }, { 4, 0, -1 }, { 16, 5, -1 }, { 32, 0, -1 } } };
// cap_net_raw=ep (linux/capability.h, struct vfs_cap_data).
static const unsigned capability[5] = { 0x02000001, 1 << 13, 0, 0, 0 };
static const struct timespec times[2] = { { 1234567890, 123456789 }, { -5, 999999999 } };

static int attribute(int fd, const char *name, const void *value, int size)
{
	char proc[64], room[300];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	return getxattr(proc, name, room, sizeof(room)) == size && !memcmp(room, value, size);
}

static int attributes(int fd)
{
	char proc[64];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	return listxattr(proc, 0, 0);
}

static int mode(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? -1 : st.st_mode & 07777;
}

static void verify(int sig)
{
	struct sockaddr_un address;
	socklen_t length = sizeof(address);
	struct stat st;
	char room[500] = "";
	int fd, flags = 0;

	CHECK(leads(plain, "plain") && nameless(plain) && holds(plain, "plain text") && mode(plain) == 0640);
	CHECK(lseek(plain, 0, SEEK_CUR) == 5);
	CHECK(same(plain, appended) && (fcntl(appended, F_GETFL) & (O_APPEND | O_ACCMODE)) == (O_APPEND | O_WRONLY));
	CHECK(linkat(AT_FDCWD, "/proc/self/fd/4", AT_FDCWD, in("again"), AT_SYMLINK_FOLLOW) < 0);
	CHECK(leads(first, "first") && leads(second, "second") && same(first, second) && holds(second, "linked"));
	CHECK(leads(one, "again and again") && leads(other, "again and again"));
	CHECK(!same(one, other) && holds(one, "one") && holds(other, "other"));
	CHECK(nameless(taken) && holds(taken, "mine"));
	CHECK((fd = open(in("taken"), O_RDONLY)) >= 0 && holds(fd, "theirs") && !close(fd));
	CHECK(nameless(born) && holds(born, "born nameless") && mode(born) == 0600);
	CHECK((fcntl(born, F_GETFL) & O_TMPFILE) == O_TMPFILE);
	snprintf(room, sizeof(room), "/proc/self/fd/%d", born);
	CHECK(!linkat(AT_FDCWD, room, AT_FDCWD, in("named"), AT_SYMLINK_FOLLOW) && !stat(in("named"), &st));
	CHECK((fd = open(in("named"), O_RDONLY)) >= 0 && same(fd, born) && !close(fd));
	CHECK(leads(nofollow, "nofollow") && (fcntl(nofollow, F_GETFL) & O_NOFOLLOW) && holds(nofollow, "followed"));
	memset(room, 0, sizeof(room));
	CHECK(readlinkat(symbolic, "", room, sizeof(room)) > 0 && !strcmp(room, "no\xffwhere"));
	CHECK((fcntl(symbolic, F_GETFL) & (O_PATH | O_NOFOLLOW)) == (O_PATH | O_NOFOLLOW));
	CHECK(!fstat(device, &st) && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 7) && leads(device, "device"));
	CHECK(write(device, "x", 1) < 0 && errno == ENOSPC);
	CHECK(!fstat(sparse, &st) && st.st_size == 3 * HOLE + 4 && st.st_blocks * 512 < HOLE);
	memset(room, 0, sizeof(room));
	CHECK(pread(sparse, room, 4, HOLE) == 4 && !strcmp(room, "deep") && st.st_uid == 1000 && st.st_gid == 1001);
	CHECK((st.st_mode & 07777) == 06755);
	CHECK(st.st_mtim.tv_sec == times[1].tv_sec && st.st_mtim.tv_nsec == times[1].tv_nsec);
	CHECK(attribute(sparse, "security.capability", capability, sizeof(capability)));
	CHECK(attribute(sparse, "user.note", "a note", 6) && attribute(sparse, "user.empty", "", 0));
	CHECK(attribute(acled, "system.posix_acl_access", &acl, sizeof(acl)) && mode(acled) == 0650);
	CHECK(attribute(folder, "user.of", "a folder", 8) && attribute(fifo, "trusted.of", "a FIFO", 6));
	CHECK(attribute(symbolic, "trusted.of", "a link", 6));
	CHECK(attributes(first) == 0 && attributes(inside) == 0 && attributes(born) == 0);
	CHECK(!ioctl(plain, FS_IOC_GETFLAGS, &flags) && (flags & (FS_NODUMP_FL | FS_NOATIME_FL)) == FS_NODUMP_FL);
	CHECK(!ioctl(folder, FS_IOC_GETFLAGS, &flags) && (flags & FS_NOATIME_FL));
	CHECK(leads(folder, "gone") && nameless(folder) && mode(folder) == 0711);
	CHECK((fd = openat(folder, "new", O_CREAT | O_RDWR, 0600)) < 0 && errno == ENOENT);
	CHECK(leads(inside, "gone/inside") && nameless(inside) && holds(inside, "in there"));
	CHECK(leads(twin[0], "gone/twin") && leads(twin[1], "gone/twin") && !same(twin[0], twin[1]));
	CHECK(leads(fifo, "gone/fifo") && nameless(fifo));
	CHECK(!getsockname(bound, (void *)&address, &length) && !strcmp(address.sun_path, in("gone/socket")));
	memset(room, 0, sizeof(room));
	CHECK(read(fifo, room, sizeof(room)) == 5 && !strcmp(room, "piped") && write(fifo, "piped", 5) == 5);
	CHECK(!strcmp(mapped, "mapped"));
	strcpy(mapped, "MAPPED");
	memset(room, 0, sizeof(room));
	CHECK(readlink("/proc/self/cwd", room, sizeof(room)) > 0);
	CHECK(!strcmp(room + strlen(base), "/gone/below/deeper (deleted)"));
	// The folder above is still the one that is open.
	CHECK((fd = open("../..", O_PATH)) >= 0 && same(fd, folder) && !close(fd));
	CHECK((fd = open("..", O_PATH)) >= 0 && same(fd, up) && !close(fd));
	kill(child, SIGUSR1);
	for (int i = 0; i < 1000 && !strcmp(mapped, "MAPPED"); i++)
		usleep(5000);
	CHECK(!strcmp(mapped, "mapped"));
	unlink(in("named"));
	say("ok\n");
}

// The other task has descriptions of its own, and the same mapping.
static void look(int sig)
{
	char *again = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, up, 0);
	char room[500] = "";

	if (strcmp(again, "MAPPED") || !holds(plain, "plain text") || lseek(plain, 0, SEEK_CUR) != 3)
		return;
	readlink("/proc/self/exe", room, sizeof(room));
	if (!strstr(room, "/exe (deleted)"))
		return;
	strcpy(again, "mapped");
	munmap(again, 4096);
}

static int make(const char *name, const char *text, int more)
{
	int fd = open(in(name), O_RDWR | O_CREAT | O_EXCL | more, 0640);

	write(fd, text, strlen(text));
	return fd;
}

int main(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct sigaction action = { .sa_handler = verify };

	strcpy(base, getenv("FOLDER"));
	unlink(in("exe"));
	umask(0);
	dup2(plain = make("plain", "plain text", 0), 4);
	appended = open(in("plain"), O_WRONLY | O_APPEND);
	if ((child = fork()) == 0) {
		action.sa_handler = look;
		sigaction(SIGUSR1, &action, 0);
		plain = open(in("plain"), O_RDONLY);
		lseek(plain, 3, SEEK_SET);
		mkdir(in("gone"), 0711);
		up = make("gone/mapped", "", 0);
		ftruncate(up, 4096);
		make("child", "", 0);
		for (;;)
			pause();
	}
	while (access(in("child"), F_OK))
		usleep(1000);
	unlink(in("child"));
	lseek(plain, 5, SEEK_SET);
	unlink(in("plain"));
	first = make("first", "linked", 0);
	link(in("first"), in("second"));
	second = open(in("second"), O_RDONLY);
	unlink(in("first"));
	unlink(in("second"));
	one = make("again and again", "one", 0);
	unlink(in("again and again"));
	other = make("again and again", "other", 0);
	unlink(in("again and again"));
	taken = make("taken", "mine", 0);
	unlink(in("taken"));
	close(make("taken", "theirs", 0));
	born = open(base, O_TMPFILE | O_RDWR, 0600);
	write(born, "born nameless", 13);
	nofollow = make("nofollow", "followed", O_NOFOLLOW);
	unlink(in("nofollow"));
	symlink("no\xffwhere", in("symbolic"));
	symbolic = open(in("symbolic"), O_PATH | O_NOFOLLOW);
	lsetxattr(in("symbolic"), "trusted.of", "a link", 6, 0);
	unlink(in("symbolic"));
	mknod(in("device"), S_IFCHR | 0600, makedev(1, 7));
	device = open(in("device"), O_RDWR);
	unlink(in("device"));
	sparse = make("sparse", "", 0);
	ftruncate(sparse, 3 * HOLE + 4);
	pwrite(sparse, "deep", 4, HOLE);
	fchown(sparse, 1000, 1001);
	fchmod(sparse, 06755);
	fsetxattr(sparse, "security.capability", capability, sizeof(capability), 0);
	fsetxattr(sparse, "user.note", "a note", 6, 0);
	fsetxattr(sparse, "user.empty", "", 0, 0);
	futimens(sparse, times);
	unlink(in("sparse"));
	acled = make("acled", "", 0);
	fsetxattr(acled, "system.posix_acl_access", &acl, sizeof(acl), 0);
	unlink(in("acled"));
	int flags = FS_NODUMP_FL;
	ioctl(plain, FS_IOC_SETFLAGS, &flags);
	folder = open(in("gone"), O_RDONLY | O_DIRECTORY);
	fsetxattr(folder, "user.of", "a folder", 8, 0);
	flags = FS_NOATIME_FL;
	ioctl(folder, FS_IOC_SETFLAGS, &flags);
	inside = make("gone/inside", "in there", 0);
	unlink(in("gone/inside"));
	for (int i = 0; i < 2; i++) {
		twin[i] = make("gone/twin", "", 0);
		unlink(in("gone/twin"));
	}
	mkfifo(in("gone/fifo"), 0600);
	fifo = open(in("gone/fifo"), O_RDWR);
	fsetxattr(fifo, "trusted.of", "a FIFO", 6, 0);
	write(fifo, "piped", 5);
	unlink(in("gone/fifo"));
	bound = socket(AF_UNIX, SOCK_DGRAM, 0);
	strcpy(address.sun_path, in("gone/socket"));
	bind(bound, (void *)&address, sizeof(address));
	unlink(in("gone/socket"));
	int fd = open(in("gone/mapped"), O_RDWR);
	mapped = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	strcpy(mapped, "mapped");
	close(fd);
	unlink(in("gone/mapped"));
	mkdir(in("gone/below"), 0700);
	mkdir(in("gone/below/deeper"), 0700);
	chdir(in("gone/below/deeper"));
	up = open("..", O_RDONLY | O_DIRECTORY);
	rmdir(in("gone/below/deeper"));
	rmdir(in("gone/below"));
	rmdir(in("gone"));
	// What is made here from now on gets an ACL.
	setxattr(base, "system.posix_acl_default", &acl, sizeof(acl), 0);
	sigaction(SIGUSR1, &action, 0);
	say("ready\n");
	for (;;)
		pause();
}
