// A task that watches a mount of its mount namespace, a tmpfs at $PLACE, by fanotify(7). Each time it is asked it opens a file there
// and has to hear of that.
#define _GNU_SOURCE
#include "../../restore/victims/say.h"
#include "own-mounts.h"
#include <fcntl.h>
#include <sys/fanotify.h>

static int watch;
static char file[300];

static void verify(int signal)
{
	struct fanotify_event_metadata events[8];
	int fd = open(file, O_RDONLY), n, i, heard = 0;

	close(fd);
	n = read(watch, events, sizeof(events));
	for (i = 0; i < n / (int)sizeof(*events); i++) {
		heard |= events[i].mask & FAN_OPEN;
		close(events[i].fd);
	}
	say(heard ? "ok\n" : "it has not heard of the file\n");
}

int main(void)
{
	const char *place = getenv("PLACE");

	leave_host();
	MUST(mount("place", place, "tmpfs", 0, 0) == 0);
	snprintf(file, sizeof(file), "%s/file", place);
	close(open(file, O_CREAT | O_WRONLY, 0600));
	MUST((watch = fanotify_init(FAN_CLASS_NOTIF | FAN_NONBLOCK, O_RDONLY | O_LARGEFILE)) >= 0);
	MUST(fanotify_mark(watch, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN, AT_FDCWD, place) == 0);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
