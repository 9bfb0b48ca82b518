// Everything that has a name, named with the bytes of $NAME (hexadecimal) in $FOLDER: files of all kinds, open, mapped and
// deleted, folders, the program itself, watches, sockets, memfds, threads. Links are compared byte by byte.
#include "../../restore/victims/say.h"
#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

static char name[300], folder[2048], arg[300];
static char comm[16], thread_comm[16];
static int ask, answer;
static int inotify, fanotify = -1, folder_wd, listener, sender, receiver, abstract, gone, fifo, linkfd, locked, ghosts[3];
static struct sockaddr_un listening = { AF_UNIX }, relative = { AF_UNIX }, hidden = { AF_UNIX };
static socklen_t hidden_size;
static char *shared, *private_, *ghost_map, *mem;
static int memfd;
static pthread_barrier_t barrier;
static struct link {
	char path[64], before[4400];
	ssize_t size;
} links[64];
static int nr_links;

// $FOLDER/PREFIX NAME
static char *at(const char *prefix)
{
	static char paths[8][4400];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s%s", folder, prefix, name);
	return path;
}

static void must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	_exit(9);
}
#define MUST(x) must((x), #x)

// Its name has to be the same afterwards.
static void keep(const char *format, int number)
{
	struct link *l = &links[nr_links++];

	snprintf(l->path, sizeof(l->path), format, number);
	l->size = readlink(l->path, l->before, sizeof(l->before));
	MUST(l->size > 0);
}

static int file(const char *prefix, const char *content)
{
	int fd = open(at(prefix), O_RDWR | O_CREAT, 0640);

	MUST(fd >= 0);
	MUST(write(fd, content, strlen(content)) == (ssize_t)strlen(content));
	return fd;
}

static int kept(const char *prefix, const char *content)
{
	int fd = file(prefix, content);

	keep("/proc/self/fd/%d", fd);
	return fd;
}

static void *thread(void *unused)
{
	prctl(PR_SET_NAME, thread_comm);
	pthread_barrier_wait(&barrier);
	for (;;)
		pause();
	return unused;
}

static int bound(int type, const struct sockaddr_un *address, socklen_t size)
{
	int fd = socket(AF_UNIX, type, 0);

	MUST(fd >= 0 && bind(fd, (void *)address, size) == 0);
	return fd;
}

static void files(void)
{
	int fd;

	kept("open.", "open");
	fd = file("map.", "mapped-shared");
	shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	fd = file("private.", "mapped-private");
	private_ = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	memcpy(private_, "CHANGED", 7);
	close(fd);
	ghosts[0] = file("ghost.", "ghost");
	ghost_map = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ghosts[0], 0);
	unlink(at("ghost."));
	keep("/proc/self/fd/%d", ghosts[0]);
	// A symbolic link that is open itself, here and deleted, and leads to a name.
	MUST(symlink(at("open."), at("link.")) == 0);
	linkfd = open(at("link."), O_PATH | O_NOFOLLOW);
	keep("/proc/self/fd/%d", linkfd);
	MUST(symlink(at("open."), at("gone-link.")) == 0);
	ghosts[1] = open(at("gone-link."), O_PATH | O_NOFOLLOW);
	unlink(at("gone-link."));
	MUST(mkdir(at("gone-dir."), 0700) == 0);
	ghosts[2] = open(at("gone-dir."), O_RDONLY | O_DIRECTORY);
	rmdir(at("gone-dir."));
	MUST(mkdir(at("dir."), 0755) == 0);
	keep("/proc/self/fd/%d", open(at("dir."), O_RDONLY | O_DIRECTORY));
	MUST(mkfifo(at("fifo."), 0600) == 0);
	fifo = open(at("fifo."), O_RDWR);
	MUST(write(fifo, "queued", 6) == 6);
	keep("/proc/self/fd/%d", fifo);
	locked = kept("locked.", "locked");
	MUST(flock(locked, LOCK_EX) == 0);
}

// A file that has lost its name, and has another one left; what the kernel calls it now may be another file's name.
static void relinked(void)
{
	char *marked = strcat(at("first."), " (deleted)");

	ghosts[0] = file("first.", "linked");
	MUST(link(at("first."), at("second.")) == 0);
	unlink(at("first."));
	close(open(marked, O_CREAT | O_WRONLY, 0600));
}

static int is_confined(void)
{
	char room[4400];
	struct stat a, b;

	return getcwd(room, sizeof(room)) && strcmp(room, at("dir.")) == 0 && stat("/.", &a) == 0 && stat("..", &b) == 0 &&
	       a.st_ino == b.st_ino && access(at("inside."), R_OK) == 0;
}

// A child with another root and working directory, which answers by a pipe.
static void confined(void)
{
	int to[2], from[2];
	char c;

	MUST(mkdir(at("root."), 0755) == 0 && pipe(to) == 0 && pipe(from) == 0);
	ask = to[1];
	answer = from[0];
	if (fork())
		return;
	close(ask);
	MUST(chroot(at("root.")) == 0 && chdir("/") == 0);
	folder[0] = 0;
	close(file("inside.", "inside"));
	MUST(mkdir(at("dir."), 0755) == 0 && chdir(at("dir.")) == 0);
	while (read(to[0], &c, 1) == 1)
		write(from[1], is_confined() ? "y" : "n", 1);
	_exit(0);
}

// A file whose path has more bytes than PATH_MAX: reached step by step, and told by nobody.
static void deep(void)
{
	char step[251] = "";

	memset(step, 'd', sizeof(step) - 1);
	MUST(chdir(folder) == 0);
	for (int i = 0; i < 17; i++)
		MUST(mkdir(step, 0700) == 0 && chdir(step) == 0);
	ghosts[0] = open(name, O_RDWR | O_CREAT, 0600);
	MUST(ghosts[0] >= 0 && chdir("/") == 0);
}

static void watches(void)
{
	inotify = inotify_init1(IN_NONBLOCK);
	folder_wd = inotify_add_watch(inotify, at("dir."), IN_CREATE);
	MUST(inotify_add_watch(inotify, at("open."), IN_MODIFY) >= 0);
	fanotify = fanotify_init(FAN_CLASS_NOTIF | FAN_NONBLOCK, O_RDONLY);
	if (fanotify >= 0)
		MUST(fanotify_mark(fanotify, FAN_MARK_ADD, FAN_MODIFY, AT_FDCWD, at("open.")) == 0);
}

static void sockets(void)
{
	struct sockaddr_un deleted = { AF_UNIX };

	strcpy(listening.sun_path, at("sock."));
	listener = bound(SOCK_STREAM, &listening, sizeof(listening));
	MUST(listen(listener, 3) == 0);
	strcpy(deleted.sun_path, at("gone-sock."));
	gone = bound(SOCK_DGRAM, &deleted, sizeof(deleted));
	unlink(deleted.sun_path);
	// Bound from the folder it stands in, which is the working directory later on.
	MUST(chdir(at("dir.")) == 0);
	snprintf(relative.sun_path, sizeof(relative.sun_path), "r.%s", name);
	receiver = bound(SOCK_DGRAM, &relative, sizeof(relative));
	sender = socket(AF_UNIX, SOCK_DGRAM, 0);
	MUST(connect(sender, (void *)&relative, sizeof(relative)) == 0);
	MUST(send(sender, "datagram", 8, 0) == 8);
	// Whatever follows the zero is the name; the pid keeps it apart from those of others.
	hidden_size = offsetof(struct sockaddr_un, sun_path) + 1 +
		      snprintf(hidden.sun_path + 1, sizeof(hidden.sun_path) - 1, "%d.%s", getpid(), name);
	abstract = bound(SOCK_STREAM, &hidden, hidden_size);
	MUST(listen(abstract, 1) == 0);
	keep("/proc/self/cwd", 0);
}

static void names(void)
{
	pthread_t t;

	snprintf(comm, sizeof(comm), "%s", name);
	snprintf(thread_comm, sizeof(thread_comm), "t%s", name);
	prctl(PR_SET_NAME, comm);
	pthread_barrier_init(&barrier, 0, 2);
	pthread_create(&t, 0, thread, 0);
	pthread_barrier_wait(&barrier);
	memfd = syscall(SYS_memfd_create, name, 0);
	MUST(memfd >= 0 && ftruncate(memfd, 4096) == 0);
	mem = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
	strcpy(mem, "memory");
	keep("/proc/self/fd/%d", memfd);
	keep("/proc/self/exe", 0);
}

static int same_link(const struct link *l)
{
	char now[4400];
	ssize_t size = readlink(l->path, now, sizeof(now));

	if (size == l->size && memcmp(now, l->before, size) == 0)
		return 1;
	fprintf(stderr, "%s: was %.*s, is %.*s\n", l->path, (int)l->size, l->before, (int)size, now);
	return 0;
}

static int has(int fd, const char *content)
{
	char room[64] = "";

	return pread(fd, room, sizeof(room) - 1, 0) == (ssize_t)strlen(content) && strcmp(room, content) == 0;
}

// The file is the one of that name.
static int found(const char *path, int fd)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && lstat(path, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

// A name of a thread, which may have a newline in it.
static int is_called(int tid, const char *wanted)
{
	char path[64], room[32] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", tid);
	fd = open(path, O_RDONLY);
	ssize_t size = read(fd, room, sizeof(room));
	close(fd);
	return size == (ssize_t)strlen(wanted) + 1 && memcmp(room, wanted, size - 1) == 0;
}

static int threads_are_called(void)
{
	DIR *d = opendir("/proc/self/task");
	int good = 0;

	for (struct dirent *e; (e = readdir(d));)
		if (e->d_name[0] != '.')
			good += is_called(atoi(e->d_name), atoi(e->d_name) == getpid() ? comm : thread_comm);
	closedir(d);
	return good == 2;
}

// A connection to an address that somebody of us listens on.
static int reaches(const struct sockaddr_un *address, socklen_t size, int from)
{
	int one = socket(AF_UNIX, SOCK_STREAM, 0), other;

	if (connect(one, (void *)address, size))
		return 0;
	other = accept(from, 0, 0);
	close(one);
	close(other);
	return other >= 0;
}

static int has_address(int fd, const struct sockaddr_un *address)
{
	struct sockaddr_un now = { 0 };
	socklen_t size = sizeof(now);

	return getsockname(fd, (void *)&now, &size) == 0 && strcmp(now.sun_path, address->sun_path) == 0;
}

static int reports(void)
{
	char room[4096] __attribute__((aligned(8)));
	struct inotify_event *e = (void *)room;
	char *made = strcat(at("dir."), "/made");
	int fd;

	close(open(made, O_CREAT | O_WRONLY, 0600));
	unlink(made);
	if (read(inotify, room, sizeof(room)) <= 0 || e->wd != folder_wd || strcmp(e->name, "made"))
		return 0;
	fd = open(at("open."), O_WRONLY);
	MUST(write(fd, "o", 1) == 1);
	close(fd);
	if (read(inotify, room, sizeof(room)) <= 0 || !(e->mask & IN_MODIFY))
		return 0;
	if (fanotify < 0)
		return 1;
	struct fanotify_event_metadata *m = (void *)room;
	int good = read(fanotify, room, sizeof(room)) > 0 && (m->mask & FAN_MODIFY) && found(at("open."), m->fd);

	if (good)
		close(m->fd);
	return good;
}

static void verify(void)
{
	char room[4400] = "";

	if (getenv("RELINK")) {
		struct stat a, b;
		CHECK(has(ghosts[0], "linked"));
		CHECK(found(at("second."), ghosts[0]));
		CHECK(fstat(ghosts[0], &a) == 0 && a.st_nlink == 1);
		CHECK(lstat(at("first."), &b) < 0 && errno == ENOENT);
		say("ok\n");
		return;
	}
	if (getenv("CHROOT")) {
		CHECK(write(ask, "?", 1) == 1 && read(answer, room, 1) == 1 && room[0] == 'y');
		say("ok\n");
		return;
	}
	if (getenv("DEEP")) {
		CHECK(write(ghosts[0], "x", 1) == 1);
		say("ok\n");
		return;
	}
	for (int i = 0; i < nr_links; i++)
		CHECK(same_link(&links[i]));
	CHECK(found(at("open."), atoi(links[0].path + strlen("/proc/self/fd/"))));
	CHECK(strcmp(shared, "mapped-shared") == 0);
	int fd = open(at("map."), O_RDWR);
	CHECK(pwrite(fd, "M", 1, 0) == 1 && shared[0] == 'M' && pwrite(fd, "m", 1, 0) == 1);
	close(fd);
	CHECK(strcmp(private_, "CHANGEDprivate") == 0);
	CHECK(has(ghosts[0], "ghost") && strcmp(ghost_map, "ghost") == 0);
	struct stat st;
	CHECK(fstat(ghosts[0], &st) == 0 && st.st_nlink == 0);
	for (int i = 0; i < 2; i++) {
		ssize_t size = readlinkat(i ? ghosts[1] : linkfd, "", room, sizeof(room));
		CHECK(size == (ssize_t)strlen(at("open.")) && memcmp(room, at("open."), size) == 0);
	}
	CHECK(fstat(ghosts[2], &st) == 0 && S_ISDIR(st.st_mode));
	CHECK(lstat(at("ghost."), &st) < 0 && lstat(at("gone-link."), &st) < 0 && lstat(at("gone-dir."), &st) < 0);
	CHECK(read(fifo, room, 6) == 6 && memcmp(room, "queued", 6) == 0 && write(fifo, "queued", 6) == 6);
	CHECK(found(at("fifo."), fifo));
	int other = open(at("locked."), O_RDONLY);
	CHECK(flock(other, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK);
	close(other);
	CHECK(reports());
	CHECK(has_address(listener, &listening) && reaches(&listening, sizeof(listening), listener));
	CHECK(has_address(receiver, &relative));
	CHECK(recv(receiver, room, sizeof(room), MSG_DONTWAIT) == 8 && send(sender, "datagram", 8, 0) == 8);
	struct sockaddr_un now;
	socklen_t size = sizeof(now);
	CHECK(getsockname(abstract, (void *)&now, &size) == 0 && size == hidden_size);
	CHECK(memcmp(now.sun_path, hidden.sun_path, size - offsetof(struct sockaddr_un, sun_path)) == 0);
	CHECK(reaches(&hidden, hidden_size, abstract));
	size = sizeof(now);
	CHECK(getsockname(gone, (void *)&now, &size) == 0 && strcmp(now.sun_path, at("gone-sock.")) == 0);
	CHECK(lstat(at("gone-sock."), &st) < 0);
	CHECK(threads_are_called());
	CHECK(strcmp(mem, "memory") == 0 && has(memfd, "") == 0 && mem[4095] == 0);
	memset(room, 0, sizeof(room));
	fd = open("/proc/self/cmdline", O_RDONLY);
	ssize_t n = read(fd, room, sizeof(room) - 1);
	close(fd);
	CHECK(n > 0 && strcmp(room + strlen(room) + 1, arg) == 0);
	say("ok\n");
}

static void from_hex(char *to, const char *hex)
{
	for (; hex[0] && hex[1]; hex += 2) {
		char digits[3] = { hex[0], hex[1] };
		*to++ = (char)strtol(digits, 0, 16);
	}
	*to = 0;
}

// Runs on as a copy of itself that has the name.
static void become(void)
{
	int from = open("/proc/self/exe", O_RDONLY), to = open(at("exe."), O_WRONLY | O_CREAT, 0755);
	char room[65536];
	ssize_t n;

	while ((n = read(from, room, sizeof(room))) > 0)
		MUST(write(to, room, n) == n);
	close(from);
	close(to);
	execl(at("exe."), "victim", name, (char *)0);
	MUST(0);
}

int main(int argc, char **argv)
{
	sigset_t set;
	int sig;

	from_hex(name, getenv("NAME"));
	strcpy(folder, getenv("FOLDER"));
	if (argc < 2)
		become();
	strcpy(arg, argv[1]);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, 0);
	if (getenv("RELINK")) {
		relinked();
	} else if (getenv("CHROOT")) {
		confined();
	} else if (getenv("DEEP")) {
		deep();
	} else {
		files();
		sockets();
		watches();
		names();
	}
	say("ready\n");
	for (;;) {
		sigwait(&set, &sig);
		verify();
	}
}
