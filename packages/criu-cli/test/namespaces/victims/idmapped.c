// A task with an idmapped mount (mount_setattr(2)) at $PLACE: a tmpfs bound to `mapped`, whose files belong to others there.
#define _GNU_SOURCE
#include "../../restore/victims/say.h"
#include "own-mounts.h"
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static char path[300];

static void put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);

	MUST(fd >= 0 && write(fd, text, strlen(text)) > 0);
	close(fd);
}

/* A user namespace in which user 0 is 1000 outside. */
static int map_of_ids(void)
{
	int wait[2], pid, fd;
	char c, file[60];

	MUST(!pipe(wait));
	if (!(pid = fork())) {
		MUST(!unshare(CLONE_NEWUSER));
		write(wait[1], "u", 1);
		pause();
	}
	MUST(read(wait[0], &c, 1) == 1);
	snprintf(file, sizeof(file), "/proc/%d/uid_map", pid);
	put(file, "0 1000 10");
	snprintf(file, sizeof(file), "/proc/%d/gid_map", pid);
	put(file, "0 1000 10");
	snprintf(file, sizeof(file), "/proc/%d/ns/user", pid);
	MUST((fd = open(file, O_RDONLY | O_CLOEXEC)) >= 0);
	kill(pid, SIGKILL);
	waitpid(pid, 0, 0);
	close(wait[0]);
	close(wait[1]);
	return fd;
}

static void verify(int signal)
{
	struct stat s;

	say(!stat(path, &s) && s.st_uid == 1000 ? "ok\n" : "its map is gone\n");
}

int main(void)
{
	const char *place = getenv("PLACE");
	struct {
		unsigned long long set, clear, propagation, users;
	} map = { .set = 0x100000 /* MOUNT_ATTR_IDMAP */ };
	int tree;

	leave_host();
	MUST(!mount("place", place, "tmpfs", 0, 0) && !chdir(place) && !mkdir("plain", 0755) && !mkdir("mapped", 0755));
	close(open("plain/file", O_CREAT | O_WRONLY, 0600));
	map.users = map_of_ids();
	// open_tree(2) with OPEN_TREE_CLONE, mount_setattr(2), move_mount(2) with MOVE_MOUNT_F_EMPTY_PATH.
	MUST((tree = syscall(428, AT_FDCWD, "plain", 1 | O_CLOEXEC)) >= 0);
	if (syscall(442, tree, "", 0x1000 /* AT_EMPTY_PATH */, &map, sizeof(map))) {
		say("not here\n");
		return 0;
	}
	MUST(!syscall(429, tree, "", AT_FDCWD, "mapped", 4));
	close(tree);
	close(map.users);
	snprintf(path, sizeof(path), "%s/mapped/file", place);
	MUST(!chdir("/"));
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
