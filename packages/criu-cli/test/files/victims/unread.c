// A queue of inotify events that nobody has read when it is dumped: what was in it cannot be put there again.
#include "../../restore/victims/say.h"
#include <sys/inotify.h>

static int inotify, quiet, watch;

static void make(const char *name)
{
	close(open(name, O_CREAT | O_WRONLY, 0600));
}

static void verify(int sig)
{
	char room[4096] = "";
	struct inotify_event *event = (void *)room;

	// The first event says that some were lost, and nothing else is in the queue.
	CHECK(read(inotify, room, sizeof(room)) == sizeof(*event));
	CHECK(event->wd == -1 && event->mask == IN_Q_OVERFLOW);
	CHECK(read(quiet, room, sizeof(room)) < 0 && errno == EAGAIN);
	make("after");
	CHECK(read(inotify, room, sizeof(room)) > 0 && event->wd == watch && event->mask == IN_CREATE);
	CHECK(!strcmp(event->name, "after"));
	CHECK(read(quiet, room, sizeof(room)) > 0);
	unlink("after");
	say("ok\n");
}

int main(void)
{
	struct sigaction action = { .sa_handler = verify };

	chdir(getenv("FOLDER"));
	inotify = inotify_init1(IN_NONBLOCK);
	quiet = inotify_init1(IN_NONBLOCK);
	inotify_rm_watch(inotify, inotify_add_watch(inotify, "/", IN_CREATE));
	watch = inotify_add_watch(inotify, ".", IN_CREATE);
	make("before");
	unlink("before");
	inotify_add_watch(quiet, ".", IN_CREATE);
	sigaction(SIGUSR1, &action, 0);
	say("ready\n");
	for (;;)
		pause();
}
