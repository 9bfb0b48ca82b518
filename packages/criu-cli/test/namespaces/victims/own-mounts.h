// For victims in a mount namespace of their own that is a copy of the host's: nothing of others on the machine stays in it.
#include <mntent.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define MUST(what)                                                                                                     \
	do {                                                                                                           \
		if (!(what)) {                                                                                         \
			dprintf(2, "line %d: %s (errno %d)\n", __LINE__, #what, errno);                               \
			exit(1);                                                                                       \
		}                                                                                                      \
	} while (0)

/* Whether a mount is of another disk, or somebody's bind of what is on the root file system, whose point may be gone by the time of a
 * restore. The folder that OUTSIDE names is the test's own. */
static int is_disk_or_bind(const struct mntent *mount)
{
	const char *outside = getenv("OUTSIDE");
	struct stat root, other;

	if (outside && !strcmp(outside, mount->mnt_dir))
		return 0;
	return mount->mnt_fsname[0] == '/' || (!stat("/", &root) && !stat(mount->mnt_dir, &other) && root.st_dev == other.st_dev);
}

/* Namespaces that others have names for (ip netns add) and layers that are not there any more do not come back; their files in memory
 * would take their time. */
static void leave_others(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	char *points[4096];
	struct mntent *one;
	int count = 0;

	MUST(mounts);
	while (count < 4096 && (one = getmntent(mounts)))
		if (strcmp(one->mnt_dir, "/") &&
		    (strstr(" nsfs tmpfs overlay autofs fuse ", one->mnt_type) || is_disk_or_bind(one)))
			points[count++] = strdup(one->mnt_dir);
	endmntent(mounts);
	/* The list leaves mounts out while others are taken away. */
	while (count-- > 0)
		umount2(points[count], MNT_DETACH);
}

/* A descriptor on the mounts that the task has by now. */
static void reopen(int fd)
{
	char link[30], path[300] = "";
	int again;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	MUST(readlink(link, path, sizeof(path) - 1) > 0 && (again = open(path, fd ? O_WRONLY | O_APPEND : O_RDONLY)) >= 0);
	dup2(again, fd);
	close(again);
}

static void leave_host(void)
{
	int fd;

	MUST(chdir("/") == 0);
	leave_others();
	for (fd = 0; fd < 3; fd++)
		reopen(fd);
}
