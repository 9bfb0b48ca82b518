// What waits in the queue of a Unix socket, one case each (MODE): whom it is from, where it ends, what comes with it.
#include "say.h"
#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>

#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif
#define SO_PASSRIGHTS 83
#define SCM_PIDFD 4

#define NOBODY 65534

static int a[2], b[2], c[2], gate[2];
static pid_t child;

struct message {
	int n, fds, fd[8], creds, truncated, pidfd;
	struct ucred who;
	struct sockaddr_un from;
	socklen_t length;
	char text[256];
};

static struct message get(int s, size_t size)
{
	static struct message m;
	char control[1024];
	struct iovec iov = { m.text, size };
	struct msghdr h = { &m.from, sizeof(m.from), &iov, 1, control, sizeof(control) };

	memset(&m, 0, sizeof(m));
	m.pidfd = -1;
	m.n = recvmsg(s, &h, MSG_DONTWAIT);
	m.length = h.msg_namelen;
	for (struct cmsghdr *x = m.n < 0 ? NULL : CMSG_FIRSTHDR(&h); x; x = CMSG_NXTHDR(&h, x)) {
		if (x->cmsg_type == SCM_CREDENTIALS) {
			m.creds = 1;
			memcpy(&m.who, CMSG_DATA(x), sizeof(m.who));
		} else if (x->cmsg_type == SCM_PIDFD) {
			memcpy(&m.pidfd, CMSG_DATA(x), sizeof(int));
		} else if (x->cmsg_type == SCM_RIGHTS) {
			m.fds = (x->cmsg_len - CMSG_LEN(0)) / sizeof(int);
			memcpy(m.fd, CMSG_DATA(x), m.fds * sizeof(int));
		}
	}
	return m;
}

static int is(struct message m, const char *text)
{
	return m.n == (int)strlen(text) && memcmp(m.text, text, m.n) == 0;
}

static void put(int s, const char *text, int fd, const struct ucred *who)
{
	char control[256] = "";
	struct iovec iov = { (void *)text, strlen(text) };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *x = CMSG_FIRSTHDR(&h);
	size_t used = 0;

	if (fd >= 0) {
		*x = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(x), &fd, sizeof(int));
		used += CMSG_SPACE(sizeof(int));
		x = (void *)(control + used);
	}
	if (who) {
		*x = (struct cmsghdr){ CMSG_LEN(sizeof(*who)), SOL_SOCKET, SCM_CREDENTIALS };
		memcpy(CMSG_DATA(x), who, sizeof(*who));
		used += CMSG_SPACE(sizeof(*who));
	}
	h.msg_controllen = used;
	if (sendmsg(s, &h, 0) != (int)strlen(text))
		say("cannot send\n");
}

static void on(int s, int option, int value)
{
	setsockopt(s, SOL_SOCKET, option, &value, sizeof(value));
}

// Somebody else, who sends and then waits or has ended.
static pid_t other(int s, const char *text, uid_t uid, int lives)
{
	pid_t pid = fork();
	char x;

	if (pid == 0) {
		setgid(uid + 1);
		setuid(uid);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		send(s, text, strlen(text), 0);
		close(gate[1]);
		if (!lives)
			_exit(0);
		write(c[0], "r", 1);
		for (;;)
			pause();
	}
	if (lives)
		recv(c[1], &x, 1, 0);
	else
		waitpid(pid, NULL, 0);
	return pid;
}

static int from(struct message m, pid_t pid, uid_t uid)
{
	return m.creds && m.who.pid == pid && m.who.uid == uid && m.who.gid == uid + 1;
}

static pid_t dead;

// ---- senders -----------------------------------------------------------------------------------------------------

static void senders(void)
{
	struct ucred own = { 0, 1234, 4321 };

	on(a[1], SO_PASSCRED, 1);
	child = other(a[0], "alive", NOBODY - 1, 1);
	dead = other(a[0], "dead", 1000, 0);
	own.pid = child;
	put(a[0], "named", -1, &own);
	put(a[0], "root", gate[0], NULL);
	dead = other(a[0], "again", 1001, 0);
}

static pid_t first_dead;

static void stream_senders(void)
{
	on(b[1], SO_PASSCRED, 1);
	write(b[0], "mine", 4);
	child = other(b[0], "alive", 1000, 1);
	first_dead = other(b[0], "dead", 1001, 0);
	write(b[0], "last", 4);
}

static void check_senders(int signal)
{
	struct message m;

	m = get(a[1], 200);
	CHECK(is(m, "alive") && from(m, child, NOBODY - 1));
	m = get(a[1], 200);
	CHECK(is(m, "dead") && m.creds && m.who.uid == 1000 && m.who.gid == 1001 && m.who.pid > 0);
	m = get(a[1], 200);
	CHECK(is(m, "named") && m.who.pid == child && m.who.uid == 1234 && m.who.gid == 4321);
	m = get(a[1], 200);
	CHECK(is(m, "root") && m.fds == 1 && m.who.pid == getpid() && m.who.uid == 0);
	m = get(a[1], 200);
	CHECK(is(m, "again") && from(m, dead, 1001));
	CHECK(get(a[1], 200).n < 0);
	say("ok\n");
}

static void check_stream_senders(int signal)
{
	struct message m;

	m = get(b[1], 200);
	CHECK(is(m, "mine") && m.who.pid == getpid());
	m = get(b[1], 200);
	CHECK(is(m, "alive") && from(m, child, 1000));
	m = get(b[1], 200);
	CHECK(is(m, "dead") && from(m, first_dead, 1001));
	m = get(b[1], 200);
	CHECK(is(m, "last") && m.who.pid == getpid() && m.who.uid == 0);
	CHECK(get(b[1], 200).n < 0);
	say("ok\n");
}

// Nobody had asked who sends when it was sent; or the sender had, of whom the receiver learns later.
static void unasked(void)
{
	send(a[0], "x", 1, 0);
	on(a[1], SO_PASSCRED, 1);
	send(a[0], "y", 1, 0);
	on(b[0], SO_PASSCRED, 1);
	child = other(b[0], "z", 1000, 1);
}

static void check_unasked(int signal)
{
	struct message m = get(a[1], 200);

	CHECK(is(m, "x") && m.creds && m.who.pid == 0 && m.who.uid == 65534);
	m = get(a[1], 200);
	CHECK(is(m, "y") && m.who.pid == getpid() && m.who.uid == 0);
	on(b[1], SO_PASSCRED, 1);
	m = get(b[1], 200);
	CHECK(is(m, "z") && from(m, child, 1000));
	say("ok\n");
}

static void pidfds(void)
{
	on(a[1], SO_PASSPIDFD, 1);
	child = other(a[0], "alive", 1000, 1);
	dead = other(a[0], "dead", 1000, 0);
	on(b[1], SO_PASSRIGHTS, 0);
}

static void check_pidfds(int signal)
{
	struct message m = get(a[1], 200);
	struct pollfd p = { m.pidfd, POLLIN };
	int value = 2;
	socklen_t length = sizeof(value);

	CHECK(is(m, "alive") && m.pidfd >= 0 && !m.creds && syscall(SYS_pidfd_send_signal, m.pidfd, 0, NULL, 0) == 0);
	CHECK(poll(&p, 1, 0) == 0);
	m = get(a[1], 200);
	CHECK(is(m, "dead") && (m.pidfd < 0 || (syscall(SYS_pidfd_send_signal, m.pidfd, 0, NULL, 0) < 0 && errno == ESRCH)));
	CHECK(getsockopt(a[1], SOL_SOCKET, SO_PASSPIDFD, &value, &length) == 0 && value == 1);
	value = 2;
	if (getsockopt(b[1], SOL_SOCKET, SO_PASSRIGHTS, &value, &length) == 0)
		CHECK(value == 0);
	if (getsockopt(b[0], SOL_SOCKET, SO_PASSRIGHTS, &value, &length) == 0)
		CHECK(value == 1);
	say("ok\n");
}

// ---- borders -----------------------------------------------------------------------------------------------------

static int seq[2], only[2], many[2];

static void borders(void)
{
	socketpair(AF_UNIX, SOCK_SEQPACKET, 0, seq);
	socketpair(AF_UNIX, SOCK_SEQPACKET, 0, only);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, many);
	on(many[0], SO_SNDBUF, 1 << 20);
	on(many[1], SO_RCVBUF, 4096);
	send(seq[0], "", 0, 0);
	send(seq[0], "one", 3, 0);
	send(seq[0], "", 0, 0);
	send(seq[0], "", 0, 0);
	send(seq[0], "two", 3, 0);
	send(seq[0], "", 0, 0);
	shutdown(seq[0], SHUT_WR);
	send(only[0], "", 0, 0);
	send(only[0], "", 0, 0);
	send(a[0], "", 0, 0);
	send(a[0], "x", 1, 0);
	for (int i = 0; i < 100; i++)
		send(many[0], &i, sizeof(i), 0);
	close(many[0]);
}

static void check_borders(int signal)
{
	static char big[300000];

	CHECK(get(seq[1], 9).n == 0);
	CHECK(is(get(seq[1], 9), "one"));
	CHECK(get(seq[1], 9).n == 0);
	CHECK(get(seq[1], 9).n == 0);
	CHECK(is(get(seq[1], 9), "two"));
	CHECK(get(seq[1], 9).n == 0);
	// The end, again and again.
	for (int i = 0; i < 5; i++)
		CHECK(get(seq[1], 9).n == 0);
	CHECK(send(seq[1], "x", 1, 0) == 1);
	CHECK(get(only[1], 9).n == 0);
	CHECK(get(only[1], 9).n == 0);
	CHECK(get(only[1], 9).n < 0 && errno == EAGAIN);
	CHECK(get(a[1], 9).n == 0);
	CHECK(is(get(a[1], 9), "x"));
	for (int i = 0; i < 100; i++) {
		int n = -1;

		CHECK(recv(many[1], &n, sizeof(n), MSG_DONTWAIT) == sizeof(n) && n == i);
	}
	CHECK(recv(many[1], big, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN);
	say("ok\n");
}

// A datagram larger than the receiver's own buffers, with a descriptor.
static void large(void)
{
	static char big[300000];

	on(a[0], SO_SNDBUFFORCE, 1 << 20);
	on(a[1], SO_SNDBUF, 4096);
	on(b[1], SO_SNDBUF, 4096);
	memset(big, 'b', sizeof(big));
	send(a[0], big, sizeof(big), 0);
	on(b[0], SO_SNDBUFFORCE, 1 << 20);
	put(b[0], "with", gate[0], NULL);
	send(b[0], big, sizeof(big), 0);
}

static void check_large(int signal)
{
	static char big[700000];
	struct message m;
	int n = 0;

	CHECK(recv(a[1], big, sizeof(big), MSG_DONTWAIT) == 300000 && big[299999] == 'b');
	m = get(b[1], 4);
	CHECK(is(m, "with") && m.fds == 1);
	for (int got; (got = recv(b[1], big, sizeof(big), MSG_DONTWAIT)) > 0;)
		n += got;
	CHECK(n == 300000);
	say("ok\n");
}

// ---- addresses ---------------------------------------------------------------------------------------------------

static struct sockaddr_un name(const char *kind, int abstract)
{
	struct sockaddr_un n = { AF_UNIX };

	snprintf(n.sun_path + abstract, sizeof(n.sun_path) - 1, "%s.%s", getenv("GHOST"), kind);
	return n;
}

static socklen_t size_of(struct sockaddr_un n)
{
	return offsetof(struct sockaddr_un, sun_path) + (n.sun_path[0] ? strlen(n.sun_path) + 1 : 1 + strlen(n.sun_path + 1));
}

static int bound(struct sockaddr_un n)
{
	int s = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (bind(s, (void *)&n, size_of(n)) < 0)
		say("cannot bind\n");
	return s;
}

static void send_to(int s, const char *text, struct sockaddr_un n)
{
	if (sendto(s, text, strlen(text), 0, (void *)&n, size_of(n)) < 0)
		say("cannot send to it\n");
}

static int is_from(struct message m, const char *text, struct sockaddr_un n)
{
	return is(m, text) && m.length == size_of(n) && memcmp(&m.from, &n, m.length) == 0;
}

static int receiver, second, living, unnamed, mutual;

static void addresses(void)
{
	struct sockaddr_un r = name("r", 0), r2 = name("r2", 1), l = name("l", 1), p = name("p", 0), q = name("q", 1),
			   u = name("u", 0);
	int gone;

	receiver = bound(r);
	second = bound(r2);
	living = bound(l);
	unnamed = socket(AF_UNIX, SOCK_DGRAM, 0);
	connect(unnamed, (void *)&r, size_of(r));
	send_to(living, "living", r);
	gone = bound(p);
	send_to(gone, "path", r);
	close(gone);
	send(unnamed, "unnamed", 7, 0);
	gone = bound(q);
	send_to(gone, "abstract", r);
	send_to(gone, "abstract too", r2);
	close(gone);
	send_to(living, "living again", r);
	// Others had sent before it found its peer.
	mutual = bound(u);
	send_to(living, "before", u);
	connect(mutual, (void *)&l, size_of(l));
	// A stale file of one that is gone stays as it is.
	unlink(r.sun_path);
	send_to(living, "to the second", r2);
	// The name of a gone one is somebody else's.
	c[0] = open(p.sun_path, O_RDONLY);
	unlink(p.sun_path);
	close(open(p.sun_path, O_CREAT | O_WRONLY, 0600));
}

static void check_addresses(int signal)
{
	struct sockaddr_un r = name("r", 0), r2 = name("r2", 1), l = name("l", 1), p = name("p", 0), q = name("q", 1);
	struct message m;
	int s;

	CHECK(is_from(get(receiver, 99), "living", l));
	CHECK(is_from(get(receiver, 99), "path", p));
	m = get(receiver, 99);
	CHECK(is(m, "unnamed") && m.length == 0);
	CHECK(is_from(get(receiver, 99), "abstract", q));
	CHECK(is_from(get(receiver, 99), "living again", l));
	CHECK(get(receiver, 99).n < 0 && errno == EAGAIN);
	CHECK(is_from(get(second, 99), "abstract too", q));
	CHECK(is_from(get(second, 99), "to the second", l));
	CHECK(get(second, 99).n < 0);
	CHECK(is_from(get(mutual, 99), "before", l));
	CHECK(access(r.sun_path, F_OK) < 0);
	CHECK((s = open(p.sun_path, O_RDONLY)) >= 0);
	// The names are free again.
	CHECK((s = socket(AF_UNIX, SOCK_DGRAM, 0)) >= 0 && bind(s, (void *)&q, size_of(q)) == 0);
	CHECK(send(unnamed, "on", 2, 0) == 2 && is(get(receiver, 9), "on"));
	say("ok\n");
}

// ---- streams -----------------------------------------------------------------------------------------------------

static int urgent;

static void on_urgent(int signal)
{
	urgent++;
}

static void out_of_band(void)
{
	send(b[0], "before", 6, 0);
	send(b[0], "!", 1, MSG_OOB);
	send(b[0], "after", 5, 0);
	fcntl(b[1], F_SETOWN, getpid());
	fcntl(b[1], F_SETFL, O_ASYNC | O_NONBLOCK);
	signal(SIGURG, on_urgent);
	signal(SIGIO, on_urgent);
	// The very first and the very last byte.
	send(seq[0], "1", 1, MSG_OOB);
	send(seq[0], "rest", 4, 0);
	put(many[0], "with", gate[0], NULL);
	send(many[0], "?", 1, MSG_OOB);
}

static void out_of_band_streams(void)
{
	socketpair(AF_UNIX, SOCK_STREAM, 0, seq);
	socketpair(AF_UNIX, SOCK_STREAM, 0, many);
	out_of_band();
}

static void check_out_of_band(int signal)
{
	struct message m;
	int mark = 7;
	char x;

	CHECK(urgent == 0);
	CHECK(is(get(b[1], 99), "before"));
	CHECK(ioctl(b[1], SIOCATMARK, &mark) == 0 && mark == 1);
	CHECK(recv(b[1], &x, 1, MSG_OOB | MSG_DONTWAIT) == 1 && x == '!');
	CHECK(is(get(b[1], 99), "after"));
	CHECK(recv(b[1], &x, 1, MSG_OOB | MSG_DONTWAIT) < 0);
	CHECK(ioctl(seq[1], SIOCATMARK, &mark) == 0 && mark == 1);
	CHECK(recv(seq[1], &x, 1, MSG_OOB | MSG_DONTWAIT) == 1 && x == '1');
	CHECK(is(get(seq[1], 99), "rest"));
	m = get(many[1], 99);
	CHECK(is(m, "with") && m.fds == 1);
	CHECK(recv(many[1], &x, 1, MSG_OOB | MSG_DONTWAIT) == 1 && x == '?');
	say("ok\n");
}

// Descriptors come with the bytes they were sent with; a reader of few bytes sees where.
static void positions(void)
{
	send(b[0], "plain", 5, 0);
	put(b[0], "first", gate[0], NULL);
	put(b[0], "second", gate[1], NULL);
	send(b[0], "end", 3, 0);
	shutdown(b[0], SHUT_WR);
}

static void check_positions(int signal)
{
	struct message m = get(b[1], 5);

	CHECK(is(m, "plain") && m.fds == 0);
	m = get(b[1], 99);
	CHECK(is(m, "first") && m.fds == 1);
	m = get(b[1], 99);
	CHECK(is(m, "second") && m.fds == 1);
	m = get(b[1], 99);
	CHECK(is(m, "end") && m.fds == 0);
	CHECK(get(b[1], 99).n == 0);
	say("ok\n");
}

// The peer went without having read all: an error waits behind what it had sent.
static void reset(void)
{
	int s[2];

	send(b[0], "bye", 3, 0);
	send(b[1], "never read", 10, 0);
	close(b[0]);
	socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s);
	send(s[1], "never read", 10, 0);
	close(s[0]);
	seq[1] = s[1];
}

static void check_reset(int signal)
{
	CHECK(is(get(b[1], 99), "bye"));
	CHECK(get(b[1], 99).n < 0 && errno == ECONNRESET);
	CHECK(get(b[1], 99).n == 0);
	CHECK(get(seq[1], 99).n < 0 && errno == ECONNRESET);
	CHECK(get(seq[1], 99).n == 0);
	say("ok\n");
}

// ---- in flight ---------------------------------------------------------------------------------------------------

static void in_flight(void)
{
	struct itimerspec soon = { { 0, 50000000 }, { 0, 1 } };
	struct epoll_event event = { EPOLLIN, { .u32 = 77 } };
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), count = eventfd(3, EFD_NONBLOCK), ep = epoll_create1(0),
	    watch = inotify_init1(IN_NONBLOCK);

	timerfd_settime(timer, 0, &soon, NULL);
	epoll_ctl(ep, EPOLL_CTL_ADD, gate[0], &event);
	inotify_add_watch(watch, getenv("DIR"), IN_ALL_EVENTS);
	put(a[0], "timer", timer, NULL);
	put(a[0], "count", count, NULL);
	put(a[0], "epoll", ep, NULL);
	put(a[0], "watch", watch, NULL);
	// Rings: in its own queue, in each other's, an epoll in the queue of what it watches.
	put(b[0], "own", b[1], NULL);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, seq);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, many);
	put(seq[0], "crossed", many[1], NULL);
	put(many[0], "crossed", seq[1], NULL);
	close(many[1]);
	event.data.u32 = 78;
	ep = epoll_create1(0);
	epoll_ctl(ep, EPOLL_CTL_ADD, seq[1], &event);
	put(seq[0], "watches it", ep, NULL);
	close(ep);
	close(timer);
	close(count);
	close(watch);
}

static void check_in_flight(int signal)
{
	struct epoll_event event;
	unsigned long long n = 0;
	struct message m = get(a[1], 99);
	char room[1000];
	int s;

	CHECK(is(m, "timer") && m.fds == 1);
	usleep(120000);
	CHECK(read(m.fd[0], &n, sizeof(n)) == sizeof(n) && n >= 2);
	m = get(a[1], 99);
	CHECK(is(m, "count") && read(m.fd[0], &n, sizeof(n)) == sizeof(n) && n == 3);
	m = get(a[1], 99);
	CHECK(is(m, "epoll") && epoll_wait(m.fd[0], &event, 1, 0) == 0);
	write(gate[1], "x", 1);
	CHECK(epoll_wait(m.fd[0], &event, 1, 0) == 1 && event.data.u32 == 77);
	m = get(a[1], 99);
	CHECK(is(m, "watch") && read(m.fd[0], room, sizeof(room)) < 0 && errno == EAGAIN);
	close(open(getenv("DIR"), O_RDONLY | O_DIRECTORY));
	CHECK(read(m.fd[0], room, sizeof(room)) > 0);
	m = get(b[1], 99);
	CHECK(is(m, "own") && m.fds == 1);
	CHECK(send(b[0], "y", 1, 0) == 1 && is(get(m.fd[0], 9), "y"));
	m = get(seq[1], 99);
	CHECK(is(m, "crossed") && m.fds == 1);
	s = m.fd[0];
	m = get(s, 99);
	CHECK(is(m, "crossed") && m.fds == 1);
	m = get(m.fd[0], 99);
	CHECK(is(m, "watches it") && epoll_wait(m.fd[0], &event, 1, 0) == 0);
	send(seq[0], "wake", 4, 0);
	CHECK(epoll_wait(m.fd[0], &event, 1, 0) == 1 && event.data.u32 == 78);
	say("ok\n");
}

static void locked(void)
{
	int fd = open(getenv("GHOST"), O_RDWR | O_CREAT, 0600);

	flock(fd, LOCK_EX);
	put(a[0], "locked", fd, NULL);
	if (getenv("KEEP"))
		return;
	close(fd);
}

static void check_locked(int signal)
{
	int fd = open(getenv("GHOST"), O_RDWR);

	CHECK(flock(fd, LOCK_EX | LOCK_NB) < 0);
	CHECK(is(get(a[1], 99), "locked"));
	say("ok\n");
}

static void stamped(void)
{
	on(a[1], SO_TIMESTAMP, 1);
	on(b[1], SO_TIMESTAMPNS, 1);
	on(b[1], SO_PEEK_OFF, 2);
	send(b[0], "seen", 4, 0);
	if (getenv("FULL"))
		send(a[0], "x", 1, 0);
}

static void check_stamped(int signal)
{
	int value = 0;
	socklen_t length = sizeof(value);
	char x;

	if (getenv("FULL")) {
		CHECK(is(get(a[1], 9), "x"));
		say("ok\n");
		return;
	}
	CHECK(getsockopt(a[1], SOL_SOCKET, SO_TIMESTAMP, &value, &length) == 0 && value == 1);
	CHECK(getsockopt(b[1], SOL_SOCKET, SO_TIMESTAMPNS, &value, &length) == 0 && value == 1);
	CHECK(recv(b[1], &x, 1, MSG_PEEK | MSG_DONTWAIT) == 1 && x == 'e');
	say("ok\n");
}

// ---- what connections have from the socket they come by --------------------------------------------------------------

static int listening, before, after;

static int connect_to(struct sockaddr_un n)
{
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	if (connect(s, (void *)&n, size_of(n)) < 0)
		say("cannot connect\n");
	return s;
}

static void inherited(void)
{
	struct sockaddr_un n = name("i", 0);

	listening = socket(AF_UNIX, SOCK_STREAM, 0);
	bind(listening, (void *)&n, size_of(n));
	listen(listening, 5);
	// Accepted when nobody had asked for anything.
	send(connect_to(n), "before", 6, 0);
	before = accept(listening, NULL, NULL);
	on(listening, SO_PASSCRED, 1);
	on(listening, SO_PASSPIDFD, 1);
	connect_to(n);
}

static int has_option(int s, int option)
{
	int value = -1;
	socklen_t length = sizeof(value);

	return getsockopt(s, SOL_SOCKET, option, &value, &length) == 0 ? value : -1;
}

static void check_inherited(int signal)
{
	struct message m;

	CHECK(has_option(listening, SO_PASSCRED) == 1 && has_option(listening, SO_PASSPIDFD) == 1);
	CHECK(has_option(before, SO_PASSCRED) == 0 && has_option(before, SO_PASSPIDFD) == 0);
	m = get(before, 99);
	CHECK(is(m, "before") && !m.creds);
	CHECK((after = accept(listening, NULL, NULL)) >= 0);
	CHECK(has_option(after, SO_PASSCRED) == 1 && has_option(after, SO_PASSPIDFD) == 1);
	say("ok\n");
}

// ---- the other side is not dumped: the child is, which answers -----------------------------------------------------

static void outside(void)
{
	struct sockaddr_un l = name("l", 0), d = name("d", 1), r = name("r", 1);
	const char *kind = getenv("KIND");
	int server = socket(AF_UNIX, SOCK_STREAM, 0), in = bound(r), client = -1, to[2];
	char text[32], room[128];

	bind(server, (void *)&l, size_of(l));
	listen(server, 3);
	child = fork();
	if (child > 0) {
		close(server);
		close(in);
		if (!strcmp(kind, "sender") || !strcmp(kind, "datagrams"))
			client = bound(d);
		if (!strcmp(kind, "sender"))
			send_to(client, "from outside", r);
		if (!strcmp(kind, "client") || !strcmp(kind, "pending")) {
			client = socket(AF_UNIX, SOCK_STREAM, 0);
			connect(client, (void *)&l, size_of(l));
		}
		write(gate[1], "x", 1);
		for (;;)
			pause();
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	read(gate[0], text, 1);
	if (!strcmp(kind, "client"))
		client = accept(server, NULL, NULL);
	if (!strcmp(kind, "datagrams"))
		connect(in, (void *)&d, size_of(d));
	snprintf(text, sizeof(text), "%d", getpid());
	snprintf(room, sizeof(room), "%s.pid", getenv("GHOST"));
	write(open(room, O_WRONLY | O_CREAT, 0600), text, strlen(text));
}

static void check_outside(int signal)
{
	say("ok\n");
}

static const struct {
	const char *name;
	void (*set_up)(void), (*check)(int);
} modes[] = {
	{ "senders", senders, check_senders },
	{ "stream-senders", stream_senders, check_stream_senders },
	{ "unasked", unasked, check_unasked },
	{ "pidfds", pidfds, check_pidfds },
	{ "borders", borders, check_borders },
	{ "large", large, check_large },
	{ "addresses", addresses, check_addresses },
	{ "out-of-band", out_of_band_streams, check_out_of_band },
	{ "positions", positions, check_positions },
	{ "reset", reset, check_reset },
	{ "in-flight", in_flight, check_in_flight },
	{ "locked", locked, check_locked },
	{ "stamped", stamped, check_stamped },
	{ "inherited", inherited, check_inherited },
	{ "outside", outside, check_outside },
};

int main(void)
{
	socketpair(AF_UNIX, SOCK_DGRAM, 0, a);
	socketpair(AF_UNIX, SOCK_STREAM, 0, b);
	socketpair(AF_UNIX, SOCK_STREAM, 0, c);
	pipe(gate);
	for (unsigned i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		if (strcmp(modes[i].name, getenv("MODE")) != 0)
			continue;
		modes[i].set_up();
		signal(SIGUSR1, modes[i].check);
		say("ready\n");
	}
	for (;;)
		pause();
}
