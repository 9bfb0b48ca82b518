// A folder in which nobody opens a file without an answer of this program (FAN_OPEN_PERM), and a deleted file of it that is open: who
// dumps this waits for an answer of a task that stands still.
#include "../../restore/victims/say.h"
#include <pthread.h>
#include <sys/fanotify.h>
#include <sys/stat.h>

static char folder[4096];
static int ghost;

static void *answer(void *of)
{
	struct fanotify_event_metadata event;
	int fanotify = (int)(long)of;

	while (read(fanotify, &event, sizeof(event)) == sizeof(event)) {
		struct fanotify_response yes = { event.fd, FAN_ALLOW };

		write(fanotify, &yes, sizeof(yes));
		close(event.fd);
	}
	return 0;
}

static void verify(int signal)
{
	char text[4] = { 0 };

	CHECK(pread(ghost, text, 3, 0) == 3 && strcmp(text, "abc") == 0);
	say("ok");
}

int main(void)
{
	char path[4200];
	pthread_t thread;
	sigset_t all;
	int fanotify;

	snprintf(folder, sizeof(folder), "%s.folder", getenv("GHOST"));
	mkdir(folder, 0700);
	snprintf(path, sizeof(path), "%s/file", folder);
	ghost = open(path, O_CREAT | O_RDWR, 0600);
	write(ghost, "abc", 3);
	unlink(path);
	fanotify = fanotify_init(FAN_CLASS_CONTENT, O_RDONLY);
	if (fanotify_mark(fanotify, FAN_MARK_ADD, FAN_OPEN_PERM | FAN_EVENT_ON_CHILD, AT_FDCWD, folder)) {
		say("the kernel has no permission events");
		return 1;
	}
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, 0);
	pthread_create(&thread, 0, answer, (void *)(long)fanotify);
	sigemptyset(&all);
	pthread_sigmask(SIG_SETMASK, &all, 0);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
