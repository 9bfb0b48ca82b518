// Watches a file by inotify(7): the watch is there if a change of the file is told. With ITSELF=1 the file is a symbolic link, a change of
// which is told, and none of what it leads to.
#include "../../restore/victims/say.h"
#include <sys/inotify.h>
#include <sys/stat.h>
#include <poll.h>

static int fd, watch;

static void verify(int sig)
{
	char room[4096];
	const struct inotify_event *event = (void *)room;
	struct pollfd told = { .fd = fd, .events = POLLIN };

	CHECK(!chmod(getenv("WATCHED"), 0640));
	if (getenv("ITSELF")) {
		CHECK(poll(&told, 1, 0) == 0);
		CHECK(!utimensat(AT_FDCWD, getenv("WATCHED"), NULL, AT_SYMLINK_NOFOLLOW));
	}
	CHECK(poll(&told, 1, 5000) == 1);
	CHECK(read(fd, room, sizeof(room)) >= (ssize_t)sizeof(*event));
	CHECK(event->wd == watch && event->mask == IN_ATTRIB);
	say("ok\n");
}

int main(void)
{
	struct sigaction action = { .sa_handler = verify };

	fd = inotify_init1(IN_NONBLOCK);
	watch = inotify_add_watch(fd, getenv("WATCHED"), IN_ATTRIB | (getenv("ITSELF") ? IN_DONT_FOLLOW : 0));
	if (watch < 0) {
		say("no watch\n");
		return 1;
	}
	sigaction(SIGUSR1, &action, 0);
	say("ready\n");
	for (;;)
		pause();
}
