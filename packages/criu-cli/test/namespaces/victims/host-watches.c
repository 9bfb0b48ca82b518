// What only the host's root may make, given to a task in a user namespace of its own: timers that wake the machine, where it has any,
// watches of files that the task may not read itself, and the log of the kernel, where there is one. The test writes to `hidden/file` in $FOLDER before it asks.
#include "own-users.h"
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>

enum { LATER = 100, AT, WATCH, GROUP, LOG, END };

#define HOUR 3600
static int timers, has_log;

static void put(int fd, int as)
{
	if (fd < 0)
		_exit(2);
	dup2(fd, as);
	close(fd);
}

static int has(int fd, const char *text)
{
	char path[64], info[4096];
	int from, size;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	from = open(path, O_RDONLY);
	size = read(from, info, sizeof(info) - 1);
	close(from);
	info[size > 0 ? size : 0] = 0;
	return strstr(info, text) != NULL;
}

static int in_an_hour(int fd)
{
	struct itimerspec left;

	return timerfd_gettime(fd, &left) == 0 && left.it_value.tv_sec > HOUR - 600 && left.it_value.tv_sec <= HOUR;
}

static void verify(int signal)
{
	char event[256], record[8192];

	if (timers) {
		CHECK(has(LATER, "clockid: 9") && in_an_hour(LATER));
		CHECK(has(AT, "clockid: 8") && has(AT, "settime flags: 01") && in_an_hour(AT));
	}
	CHECK(has(WATCH, "inotify wd:1 "));
	CHECK(read(WATCH, event, sizeof(event)) > 0);
	CHECK(!has_log || read(LOG, record, sizeof(record)) > 0);
	CHECK(has(GROUP, "fanotify ino:") && has(GROUP, "fanotify mnt_id:"));
	say("ok\n");
}

static void make_timers(void)
{
	struct itimerspec later = { .it_value.tv_sec = HOUR }, at = later;
	int fd = timerfd_create(CLOCK_BOOTTIME_ALARM, 0);

	timers = fd >= 0;
	if (!timers)
		return;
	put(fd, LATER);
	put(timerfd_create(CLOCK_REALTIME_ALARM, 0), AT);
	at.it_value.tv_sec += time(NULL);
	if (timerfd_settime(LATER, 0, &later, NULL) || timerfd_settime(AT, TFD_TIMER_ABSTIME, &at, NULL))
		_exit(3);
}

int main(void)
{
	int pid;

	if (chdir(getenv("FOLDER")) || mkdir("hidden", 0700))
		return 4;
	make_timers();
	close(open("hidden/file", O_CREAT | O_RDWR, 0600));
	put(inotify_init1(IN_NONBLOCK), WATCH);
	put(fanotify_init(FAN_CLASS_NOTIF | FAN_NONBLOCK, O_RDONLY), GROUP);
	if (inotify_add_watch(WATCH, "hidden/file", IN_MODIFY) != 1)
		return 5;
	if (fanotify_mark(GROUP, FAN_MARK_ADD, FAN_CLOSE_WRITE, AT_FDCWD, "hidden/file") ||
	    fanotify_mark(GROUP, FAN_MARK_ADD | FAN_MARK_MOUNT | FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY, FAN_OPEN, AT_FDCWD, "hidden"))
		return 6;
	has_log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	if (has_log >= 0)
		put(has_log, LOG);
	has_log = has_log >= 0;
	pid = start_inside(0, verify);
	for (int fd = LATER; fd < END; fd++)
		close(fd);
	waitpid(pid, NULL, 0);
	for (;;)
		pause();
}
