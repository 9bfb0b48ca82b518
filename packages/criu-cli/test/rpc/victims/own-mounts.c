// A task in a mount namespace of its own, with three mounts below $PLACE: `given` is a bind of $OUTSIDE, `left` and `fresh` are file
// systems of their own. It says which of them are mounts, and what the file in `given` has.
#define _GNU_SOURCE
#include "../../restore/victims/say.h"
#include "../../namespaces/victims/own-mounts.h"
#include <sys/stat.h>
#include <sys/vfs.h>

static char place[200];

static char *in(const char *name)
{
	static char path[300];

	snprintf(path, sizeof(path), "%s/%s", place, name);
	return path;
}

static const char *kind(const char *name)
{
	struct statfs fs;

	MUST(statfs(in(name), &fs) == 0);
	return fs.f_type == 0x01021994 ? "tmpfs" : fs.f_type == 0x858458f6 ? "ramfs" : "folder";
}

static void tell(int signal)
{
	char text[400], content[100] = "";
	int fd = open(in("given/file"), O_RDONLY);

	if (fd >= 0)
		read(fd, content, 99);
	close(fd);
	snprintf(text, sizeof(text), "given %s, left %s, fresh %s\n", content, kind("left"), kind("fresh"));
	say(text);
}

int main(void)
{
	leave_host();
	snprintf(place, sizeof(place), "%s", getenv("PLACE"));
	MUST(mkdir(in("given"), 0755) == 0 && mkdir(in("left"), 0755) == 0 && mkdir(in("fresh"), 0755) == 0);
	MUST(mount(getenv("OUTSIDE"), in("given"), 0, MS_BIND, 0) == 0);
	if (getenv("SHARED"))
		MUST(mount(0, in("given"), 0, MS_SHARED, 0) == 0);
	MUST(mount("memory", in("left"), "tmpfs", 0, 0) == 0);
	MUST(mount("memory", in("fresh"), getenv("FRESH"), 0, 0) == 0);
	signal(SIGUSR1, tell);
	say("ready\n");
	for (;;)
		pause();
}
