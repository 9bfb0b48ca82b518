// Who sockets are told to be connected with: the task itself as another user, a child, one that has ended; by pairs and
// connections, accepted or not, of listeners that are there or gone.
#include "say.h"
#include "rights.h"
#include <grp.h>
#include <stddef.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

static int own[2], of_child[2], of_dead[2], link_to[2], server, gone_server, accepted[3], lost, mine = -1, theirs;
static pid_t living, dead;
static struct sockaddr_un name = { AF_UNIX }, gone_name = { AF_UNIX };
static const gid_t groups[] = { 7, 11, 13 };

static void become(uid_t uid)
{
	setgroups(3, groups);
	setresgid(-1, uid + 1, -1);
	setresuid(-1, uid, -1);
	// The folder of the test is for root alone.
	setfsuid(0);
}

static int client(struct sockaddr_un *to)
{
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	if (connect(s, (void *)to, sizeof(*to)) < 0)
		say("cannot connect\n");
	return s;
}

// Who the peer is said to be; its group is the next number, and all but root have the three groups.
static int is(int fd, pid_t pid, uid_t uid)
{
	struct ucred who = { -1 };
	socklen_t length = sizeof(who);
	gid_t list[32];
	socklen_t size = sizeof(list);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, list, &size) < 0)
		return 0;
	if (who.pid != pid || who.uid != uid || who.gid != (uid ? uid + 1 : 0))
		return 0;
	return uid == 0 || (size == sizeof(groups) && memcmp(list, groups, size) == 0);
}

static int named(int fd, struct sockaddr_un *as)
{
	struct sockaddr_un found = { 0 };
	socklen_t length = sizeof(found);

	return getsockname(fd, (void *)&found, &length) == 0 && strcmp(found.sun_path, as->sun_path) == 0;
}

static int talk(int a, int b)
{
	char x = 0;

	return send(a, "t", 1, MSG_NOSIGNAL) == 1 && recv(b, &x, 1, MSG_DONTWAIT) == 1 && x == 't';
}

static void verify(int signal)
{
	static int restored = -1;
	int fd;
	char c = 0;

	restored++;
	CHECK(is(own[0], getpid(), 1004) && is(own[1], getpid(), 1004) && talk(own[0], own[1]));
	CHECK(is(of_child[0], living, 1005) && is(of_child[1], living, 1005) && talk(of_child[1], of_child[0]));
	CHECK(is(of_dead[0], dead, 1006) && is(of_dead[1], dead, 1006) && talk(of_dead[0], of_dead[1]));
	CHECK(is(server, getpid(), 0));
	CHECK(is(accepted[0], living, 1005) && named(accepted[0], &name));
	CHECK(is(theirs, getpid(), 0) && talk(theirs, accepted[0]));
	// Its client is gone, and so is what it had left to say.
	CHECK(is(accepted[1], dead, 1006) && named(accepted[1], &name));
	CHECK(recv(accepted[1], &c, 1, MSG_DONTWAIT | MSG_PEEK) == 1 && c == 'l');
	// The one that listened for it is gone.
	CHECK(is(accepted[2], living, 1005) && named(accepted[2], &gone_name) && is(lost, getpid(), 1007));
	CHECK(talk(accepted[2], lost));
	// It was connected by the child, and nobody accepted it yet.
	if (!restored)
		return say("ok\n");
	CHECK((fd = accept(server, NULL, NULL)) >= 0 && is(fd, living, 1005) && named(fd, &name));
	close(fd);
	say("ok\n");
}

int main(void)
{
	int one;

	snprintf(name.sun_path, sizeof(name.sun_path), "%s.s", getenv("GHOST"));
	snprintf(gone_name.sun_path, sizeof(gone_name.sun_path), "%s.g", getenv("GHOST"));
	socketpair(AF_UNIX, SOCK_STREAM, 0, link_to);
	server = socket(AF_UNIX, SOCK_STREAM, 0);
	bind(server, (void *)&name, sizeof(name));
	chmod(name.sun_path, 0777);
	listen(server, 5);
	gone_server = socket(AF_UNIX, SOCK_STREAM, 0);
	bind(gone_server, (void *)&gone_name, sizeof(gone_name));
	chmod(gone_name.sun_path, 0777);
	become(1007);
	listen(gone_server, 5);
	setresuid(-1, 0, -1);
	become(1004);
	socketpair(AF_UNIX, SOCK_SEQPACKET, 0, own);
	setresuid(-1, 0, -1);
	setresgid(-1, 0, -1);
	setgroups(0, NULL);

	dead = fork();
	if (dead == 0) {
		close(gone_server);
		become(1006);
		socketpair(AF_UNIX, SOCK_DGRAM, 0, of_dead);
		send_fd(link_to[1], of_dead[0]);
		send_fd(link_to[1], of_dead[1]);
		send(client(&name), "l", 1, 0);
		_exit(0);
	}
	of_dead[0] = receive_fd(link_to[0], 0);
	of_dead[1] = receive_fd(link_to[0], 0);
	waitpid(dead, NULL, 0);
	accepted[1] = accept(server, NULL, NULL);

	living = fork();
	if (living == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		become(1005);
		socketpair(AF_UNIX, SOCK_STREAM, 0, of_child);
		send_fd(link_to[1], of_child[0]);
		send_fd(link_to[1], of_child[1]);
		mine = client(&name);
		send_fd(link_to[1], mine);
		send_fd(link_to[1], client(&gone_name));
		close(gone_server);
		recv(link_to[1], &one, 1, 0);
		client(&name);
		send(link_to[1], "d", 1, 0);
		for (;;)
			pause();
	}
	of_child[0] = receive_fd(link_to[0], 0);
	of_child[1] = receive_fd(link_to[0], 0);
	theirs = receive_fd(link_to[0], 0);
	lost = receive_fd(link_to[0], 0);
	accepted[0] = accept(server, NULL, NULL);
	accepted[2] = accept(gone_server, NULL, NULL);
	close(gone_server);
	unlink(gone_name.sun_path);
	send(link_to[0], "c", 1, 0);
	recv(link_to[0], &one, 1, 0);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
