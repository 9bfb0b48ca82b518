// Watches, marks, locks, a lease, pidfds, a netlink socket, and files of /proc.
#include "say.h"
#include <linux/netlink.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static int inotify, fanotify, watch, posix, ofd, whole, lease, living, dead, netlink, process, about;
static char folder[256], file[300];
static pid_t child;

static int locked(int type)
{
	// Locks of one's own do not count, so that another process has to ask.
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct flock l = { .l_type = F_WRLCK, .l_start = type == 0 ? 10 : 100, .l_len = 5 };
		int fd = open(file, O_RDWR);

		fcntl(fd, F_OFD_GETLK, &l);
		if (type == 2)
			_exit(flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK);
		_exit(l.l_type != F_UNLCK && l.l_start == (type == 0 ? 10 : 100) && l.l_len == (type == 0 ? 20 : 1));
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

static void verify(int sig)
{
	struct sockaddr_nl name;
	socklen_t length = sizeof(name);
	char room[4096], path[400];
	struct inotify_event *event = (void *)room;
	int fd, n;

	CHECK(read(inotify, room, sizeof(room)) < 0 && errno == EAGAIN);
	snprintf(path, sizeof(path), "%s/new", folder);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	CHECK(read(inotify, room, sizeof(room)) > 0 && event->wd == watch && event->mask == IN_CREATE);
	CHECK(strcmp(event->name, "new") == 0);
	CHECK(read(fanotify, room, sizeof(room)) < 0 && errno == EAGAIN);
	close(open("/etc/hostname", O_RDONLY));
	CHECK((n = read(fanotify, room, sizeof(room))) == sizeof(struct fanotify_event_metadata));
	close(((struct fanotify_event_metadata *)room)->fd);
	unlink(path);
	CHECK(locked(0));
	CHECK(locked(1));
	CHECK(locked(2));
	CHECK(fcntl(lease, F_GETLEASE) == F_RDLCK);
	CHECK(syscall(SYS_pidfd_send_signal, living, 0, 0, 0) == 0);
	CHECK(syscall(SYS_pidfd_send_signal, dead, 0, 0, 0) < 0 && errno == ESRCH);
	CHECK(getsockname(netlink, (void *)&name, &length) == 0 && name.nl_groups == 1 && name.nl_pid == getpid());
	CHECK(lseek(process, 0, SEEK_SET) == 0 && read(process, room, sizeof(room)) > 0);
	CHECK(atoi(room) == child);
	CHECK((n = pread(about, room, sizeof(room) - 1, 0)) > 0);
	room[n] = 0;
	CHECK(strstr(room, "inotify wd:"));
	say("ok\n");
}

int main(void)
{
	struct flock range = { .l_type = F_WRLCK, .l_start = 10, .l_len = 20 };
	struct flock other = { .l_type = F_RDLCK, .l_start = 100, .l_len = 1 };
	struct sockaddr_nl address = { AF_NETLINK, 0, getpid(), 1 };
	char path[400];
	pid_t ended;

	snprintf(folder, sizeof(folder), "%s.d", getenv("GHOST"));
	mkdir(folder, 0700);
	snprintf(file, sizeof(file), "%s/file", folder);
	posix = open(file, O_RDWR | O_CREAT, 0600);
	ofd = open(file, O_RDWR);
	whole = open(file, O_RDWR);
	fcntl(posix, F_SETLK, &range);
	fcntl(ofd, F_OFD_SETLK, &other);
	flock(whole, LOCK_EX);
	snprintf(path, sizeof(path), "%s/leased", folder);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	lease = open(path, O_RDONLY);
	fcntl(lease, F_SETLEASE, F_RDLCK);
	inotify = inotify_init1(IN_NONBLOCK);
	inotify_rm_watch(inotify, inotify_add_watch(inotify, "/etc", IN_CREATE));
	read(inotify, path, sizeof(path));
	watch = inotify_add_watch(inotify, folder, IN_CREATE);
	fanotify = fanotify_init(FAN_NONBLOCK, O_RDONLY);
	fanotify_mark(fanotify, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "/etc/hostname");
	child = fork();
	if (child == 0)
		for (;;)
			pause();
	living = syscall(SYS_pidfd_open, child, 0);
	ended = fork();
	if (ended == 0)
		_exit(0);
	dead = syscall(SYS_pidfd_open, ended, 0);
	waitpid(ended, 0, 0);
	netlink = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	bind(netlink, (void *)&address, sizeof(address));
	snprintf(path, sizeof(path), "/proc/%d/stat", child);
	process = open(path, O_RDONLY);
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", getpid(), inotify);
	about = open(path, O_RDONLY);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
