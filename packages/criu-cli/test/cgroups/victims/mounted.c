// A task below the root of its cgroup namespace, as an init that has made a group for itself, with the hierarchy $NAME mounted at $PLACE
// by itself: what that shows begins at the root of the namespace. $GROUPS is the root of the hierarchy. With $ABOVE, two mounts below
// that folder were made before, of the whole hierarchy and of a group beside the root.
#define _GNU_SOURCE
#include "../../restore/victims/say.h"
#include "../../namespaces/victims/own-mounts.h"
#include <limits.h>
#include <sched.h>
#include <sys/stat.h>

static volatile int asked;

static void ask(int signal)
{
	asked = 1;
}

static void join(const char *folder, const char *group)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s/cgroup.procs", folder, group);
	fd = open(path, O_WRONLY);
	MUST(fd >= 0);
	MUST(write(fd, "0", 1) == 1);
	close(fd);
}

/* Whether this task is in a group of the mount. */
static int is_in(const char *group)
{
	char path[PATH_MAX];
	FILE *file;
	int pid, found = 0;

	snprintf(path, sizeof(path), "%s/%s/cgroup.procs", getenv("PLACE"), group);
	file = fopen(path, "r");
	if (!file)
		return -1;
	while (fscanf(file, "%d", &pid) == 1)
		found |= pid == getpid();
	fclose(file);
	return found;
}

/* The root of a mount, as this task sees it. */
static const char *shown(const char *at)
{
	static char root[PATH_MAX];
	char line[2 * PATH_MAX], place[PATH_MAX];
	FILE *file = fopen("/proc/self/mountinfo", "r");

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%*d %*d %*s %s %s", root, place) == 2 && strcmp(place, at) == 0) {
			fclose(file);
			return root;
		}
	fclose(file);
	return "nothing";
}

static const char *above(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", getenv("ABOVE"), name);
	return path;
}

static void mount_above(const char *options)
{
	char beside[PATH_MAX];

	MUST(mount("cgroup", above("whole"), "cgroup", MS_NODEV, options) == 0);
	snprintf(beside, sizeof(beside), "%s/other/deep", above("whole"));
	MUST(mount(beside, above("beside"), "", MS_BIND, "") == 0);
}

static void verify(void)
{
	if (getenv("ABOVE")) {
		CHECK(strcmp(shown(above("whole")), "/..") == 0);
		CHECK(strcmp(shown(above("beside")), "/../other/deep") == 0);
		CHECK(access(above("whole/a/b/cgroup.procs"), F_OK) == 0);
		CHECK(access(above("beside/within/cgroup.procs"), F_OK) == 0);
	}
	CHECK(strcmp(shown(getenv("PLACE")), "/") == 0);
	CHECK(is_in("b") == 1);
	CHECK(is_in("") == 0);
	say("ok\n");
}

int main(void)
{
	char options[100];

	signal(SIGUSR1, ask);
	join(getenv("GROUPS"), "a");
	leave_host();
	snprintf(options, sizeof(options), "none,%s", getenv("NAME"));
	if (getenv("ABOVE"))
		mount_above(options);
	MUST(unshare(CLONE_NEWCGROUP) == 0);
	MUST(mount("cgroup", getenv("PLACE"), "cgroup", MS_NOSUID, options) == 0);
	join(getenv("PLACE"), "b");
	say("ready\n");
	for (;;) {
		/* No pause(2): the signal may have come before it. */
		usleep(1000);
		if (!asked)
			continue;
		asked = 0;
		verify();
	}
}
