// POSIX message queues in an IPC namespace of their own: one that two tasks talk through, one without a name, one that nobody
// has open; and with HOST one in the host's namespace, of which only the descriptor is the task's.
#include "../../restore/victims/say.h"
#include <mqueue.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/wait.h>

static mqd_t talk, nameless, hosts;
static int poller, from_child[2];

struct message {
	unsigned priority;
	const char *text;
	int length;
};

static const struct message first[] = { { 9, "nine", 4 }, { 3, "three, sooner", 13 }, { 3, "three, \0 later", 14 }, { 0, "", 0 } };
static const struct message second[] = { { 32767, "x", 1 } };

static int put(mqd_t queue, const struct message *messages, int count)
{
	for (int i = 0; i < count; i++)
		if (mq_send(queue, messages[i].text, messages[i].length, messages[i].priority))
			return 0;
	return 1;
}

static int has(mqd_t queue, const struct message *messages, int count)
{
	char got[200];
	unsigned priority;

	for (int i = 0; i < count; i++) {
		if (mq_receive(queue, got, sizeof(got), &priority) != messages[i].length || priority != messages[i].priority)
			return 0;
		if (memcmp(got, messages[i].text, messages[i].length))
			return 0;
	}
	return mq_receive(queue, got, sizeof(got), &priority) == -1 && errno == EAGAIN && put(queue, messages, count);
}

static int is(mqd_t queue, long most, long size, long flags)
{
	struct mq_attr attr;

	return mq_getattr(queue, &attr) == 0 && attr.mq_maxmsg == most && attr.mq_msgsize == size && attr.mq_flags == flags;
}

static void verify(int signal)
{
	struct epoll_event event;
	struct stat st;
	char got[9000];
	mqd_t unused;

	if (getenv("HOST")) {
		CHECK(is(hosts, 3, 100, O_NONBLOCK) && has(hosts, second, 1));
		CHECK((fcntl(hosts, F_GETFL) & O_ACCMODE) == O_RDWR);
		say("ok\n");
		return;
	}
	CHECK(is(talk, 12, 200, O_NONBLOCK) && (fcntl(talk, F_GETFL) & O_ACCMODE) == O_RDWR);
	CHECK(epoll_wait(poller, &event, 1, 0) == 1 && event.data.u32 == 77);
	CHECK(has(talk, first, 4));
	// The child can only write, and says so.
	CHECK(kill(atoi(getenv("CHILD")), SIGUSR2) == 0 && read(from_child[0], got, 1) == 1 && got[0] == 'y');
	CHECK(mq_receive(talk, got, 200, 0) == 5 && !memcmp(got, "child", 5));
	CHECK(is(nameless, 2, 8, O_NONBLOCK) && fstat(nameless, &st) == 0 && st.st_nlink == 0 && has(nameless, second, 1));
	CHECK((unused = mq_open("/un\xfcsed", O_RDWR | O_NONBLOCK)) >= 0 && fstat(unused, &st) == 0);
	CHECK(st.st_uid == 12 && st.st_gid == 34 && (st.st_mode & 07777) == 0620 && has(unused, first, 4));
	mq_close(unused);
	// Larger ones than these can no longer be made.
	CHECK(mq_open("/more", O_CREAT | O_RDWR, 0600, &(struct mq_attr){ .mq_maxmsg = 12, .mq_msgsize = 8 }) == -1);
	say("ok\n");
}

static void child_says(int signal)
{
	int fine = mq_send(talk, "child", 5, 20000) == 0 && mq_receive(talk, (char[200]){ 0 }, 200, 0) == -1 && errno == EBADF;

	write(from_child[1], fine ? "y" : "n", 1);
}

static void set(const char *file, const char *value)
{
	int fd = open(file, O_WRONLY);

	write(fd, value, strlen(value));
	close(fd);
}

static mqd_t make(const char *name, long most, long size)
{
	struct mq_attr attr = { .mq_maxmsg = most, .mq_msgsize = size };

	return mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
}

int main(void)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = 77 };
	char text[20];
	mqd_t unused;
	int child;

	signal(SIGUSR1, verify);
	if (getenv("HOST")) {
		if ((hosts = make(getenv("HOST"), 3, 100)) < 0 || !put(hosts, second, 1))
			return 1;
		say("ready\n");
		for (;;)
			pause();
	}
	if (unshare(CLONE_NEWIPC) || pipe(from_child))
		return 2;
	set("/proc/sys/fs/mqueue/msg_max", "12");
	if ((talk = make("/talk", 12, 200)) < 0 || (nameless = make("/nameless", 2, 8)) < 0)
		return 3;
	umask(0);
	if ((unused = make("/un\xfcsed", 4, 200)) < 0 || fchown(unused, 12, 34) || fchmod(unused, 0620))
		return 4;
	if (mq_unlink("/nameless") || !put(talk, first, 4) || !put(nameless, second, 1) || !put(unused, first, 4))
		return 5;
	mq_close(unused);
	set("/proc/sys/fs/mqueue/msg_max", "5");
	if ((poller = epoll_create1(0)) < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, talk, &event))
		return 6;
	if (getenv("NOTIFY") && mq_notify(nameless, &(struct sigevent){ .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGURG }))
		return 7;
	if ((child = fork()) == 0) {
		mqd_t own = mq_open("/talk", O_WRONLY);

		close(poller);
		dup2(own, talk);
		close(own);
		signal(SIGUSR2, child_says);
		write(from_child[1], "", 1);
		for (;;)
			pause();
	}
	if (read(from_child[0], text, 1) != 1)
		return 8;
	snprintf(text, sizeof(text), "%d", child);
	setenv("CHILD", text, 1);
	say("ready\n");
	for (;;)
		pause();
}
