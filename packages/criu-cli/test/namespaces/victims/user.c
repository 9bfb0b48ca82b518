// A user namespace with all the namespaces that can belong to it, and in it two tasks: root, and a user who is nobody outside. What
// they have belongs to users whom only the namespace knows, and some of it took the privileges of the host.
#include "../../restore/victims/say.h"
#include "id-maps.h"
#include <linux/capability.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define USER 7
#define GROUP 8
#define MORE_GROUP 9
#define ROOM (8 << 20)
/* Number of a socket with more room than anybody in the namespace may ask for. */
#define WIDE 100

static int to_child[2], from_child[2], pair[2], made[2], ghost, memory, segment;
static int denied, room;
static char maps[3][256];
static struct __user_cap_data_struct capabilities[2];
static gid_t groups[64];
static int nr_groups;

static const char *const FILES[] = { "/proc/self/uid_map", "/proc/self/gid_map", "/proc/self/setgroups" };

static void read_file(const char *path, char *text)
{
	int fd = open(path, O_RDONLY);
	int n = read(fd, text, 255);

	text[n < 0 ? 0 : n] = 0;
	close(fd);
}

static int owned_by(int fd, uid_t uid, gid_t gid)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == uid && st.st_gid == gid;
}

static void get_capabilities(struct __user_cap_data_struct *data)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };

	syscall(SYS_capget, &header, data);
}

/* Who has sent the message that waits. */
static int sender_is(int fd, uid_t uid, gid_t gid)
{
	char byte, control[CMSG_SPACE(sizeof(struct ucred))];
	struct iovec iov = { &byte, 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *header;
	struct ucred *from;

	if (recvmsg(fd, &message, MSG_PEEK | MSG_DONTWAIT) != 1)
		return 0;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_CREDENTIALS)
		return 0;
	from = (struct ucred *)CMSG_DATA(header);
	return from->uid == uid && from->gid == gid;
}

static void verify(int signal)
{
	struct __user_cap_data_struct now[2];
	struct shmid_ds shm;
	char text[256], answer = 0;
	gid_t mine[64];
	int size = 0;
	socklen_t length = sizeof(size);

	for (int i = 0; i < 3; i++) {
		read_file(FILES[i], text);
		CHECK(strcmp(text, maps[i]) == 0);
	}
	CHECK(getuid() == 0 && geteuid() == 0 && getgid() == 0 && getegid() == 0);
	CHECK(getgroups(64, mine) == nr_groups && memcmp(mine, groups, nr_groups * sizeof(gid_t)) == 0);
	get_capabilities(now);
	CHECK(memcmp(now, capabilities, sizeof(now)) == 0);
	CHECK(sethostname("inside", 6) == 0);
	CHECK(getpriority(PRIO_PROCESS, 0) == -5);
	CHECK(getsockopt(WIDE, SOL_SOCKET, SO_RCVBUF, &size, &length) == 0 && size == room);
	if (!denied) {
		CHECK(owned_by(ghost, USER, GROUP));
		CHECK(owned_by(memory, USER, GROUP));
		CHECK(shmctl(segment, IPC_STAT, &shm) == 0 && shm.shm_perm.cuid == USER && shm.shm_perm.uid == USER);
		CHECK(sender_is(pair[0], USER, GROUP));
	}
	CHECK(write(to_child[1], "?", 1) == 1 && read(from_child[0], &answer, 1) == 1 && answer == 'y');
	say("ok\n");
}

/* The other task: a user with one capability that no change of ids has taken away. */
static void other(void)
{
	gid_t more[2] = { MORE_GROUP, GROUP }, mine[4];
	uid_t u[3];
	gid_t g[3];
	char c;

	if (!denied) {
		int one = 1;

		if (setgroups(2, more) || setresgid(GROUP, GROUP, GROUP) || setresuid(USER, USER, USER))
			_exit(21);
		segment = shmget(1234, 4096, IPC_CREAT | 0666);
		if (segment < 0 || setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)) || write(pair[1], "m", 1) != 1)
			_exit(22);
		write(from_child[1], &segment, sizeof(segment));
	}
	while (read(to_child[0], &c, 1) == 1) {
		int fine = getresuid(&u[0], &u[1], &u[2]) == 0 && getresgid(&g[0], &g[1], &g[2]) == 0;

		for (int i = 0; i < 3; i++)
			fine = fine && u[i] == (denied ? 0 : USER) && g[i] == (denied ? 0 : GROUP);
		if (!denied)
			fine = fine && getgroups(4, mine) == 2;
		write(from_child[1], fine ? "y" : "n", 1);
	}
	_exit(0);
}

static int in_namespace(void *ready)
{
	int one = 1;
	socklen_t length = sizeof(room);
	char c;

	dup2(socket(AF_UNIX, SOCK_STREAM, 0), WIDE);
	write(made[1], "!", 1);
	if (read(*(int *)ready, &c, 1) != 1 || getsockopt(WIDE, SOL_SOCKET, SO_RCVBUF, &room, &length))
		_exit(23);
	close(made[0]);
	close(made[1]);
	setsid();
	if (!denied && (setgroups(0, NULL) || setgid(0) || setuid(0)))
		_exit(24);
	/* Else nobody but the host's root could look at it. */
	prctl(PR_SET_DUMPABLE, 1);
	sethostname("inside", 6);
	nr_groups = getgroups(64, groups);
	for (int i = 0; i < 3; i++)
		read_file(FILES[i], maps[i]);
	get_capabilities(capabilities);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
	setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one));
	pipe(to_child);
	pipe(from_child);
	ghost = open(getenv("GHOST"), O_RDWR | O_CREAT, 0600);
	memory = memfd_create("memory", 0);
	if (ghost < 0 || write(ghost, "text", 4) != 4 || unlink(getenv("GHOST")))
		_exit(25);
	if (!denied && (fchown(ghost, USER, GROUP) || fchown(memory, USER, GROUP)))
		_exit(26);
	if (fork() == 0)
		other();
	if (!denied && read(from_child[0], &segment, sizeof(segment)) != sizeof(segment))
		_exit(27);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}

static char stack[1 << 16];

int main(void)
{
	int ready[2], pid, fd, size = ROOM / 2;
	char c;

	denied = getenv("DENIED") != NULL;
	pipe(ready);
	pipe(made);
	setpriority(PRIO_PROCESS, 0, -5);
	pid = clone(in_namespace, stack + sizeof(stack),
		    CLONE_NEWUSER | (getenv("NO_PIDS") ? 0 : CLONE_NEWPID) | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | SIGCHLD, &ready[0]);
	if (pid < 0)
		return 2;
	setpriority(PRIO_PROCESS, 0, 0);
	read(made[0], &c, 1);
	fd = syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, pid, 0), WIDE, 0);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		return 3;
	close(fd);
	if (denied) {
		write_map(pid, "setgroups", "deny");
		write_map(pid, "uid_map", "0 0 1\n");
		write_map(pid, "gid_map", "0 0 1\n");
	} else {
		write_map(pid, "uid_map", "0 300000 1000\n2000 400000 500\n");
		write_map(pid, "gid_map", "0 310000 1000\n");
	}
	write(ready[1], "!", 1);
	waitpid(pid, NULL, 0);
	for (;;)
		pause();
}
