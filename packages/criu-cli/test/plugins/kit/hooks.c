// A plugin in C with all hooks: it writes down which were called (CALLS), and fails, hangs or crashes in one of them (HOOK, MODE).
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

// What criu-plugin.h declares.
enum { MAX = 13 };
struct descriptor {
	const char *name;
	int (*init)(int stage);
	void (*exit)(int stage, int ret);
	unsigned int version, max_hooks;
	void *hooks[MAX];
};
extern int criu_get_image_dir(void);
extern void print_on_level(unsigned int level, const char *format, ...);
extern int add_inventory_plugin(const char *name);
extern _Bool check_and_remove_inventory_plugin(const char *name, size_t length);

static int called(const char *hook, int argument)
{
	const char *path = getenv("CALLS"), *wanted = getenv("HOOK"), *mode = getenv("MODE");
	char line[128];
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;

	if (fd >= 0) {
		write(fd, line, snprintf(line, sizeof(line), "%s %d\n", hook, argument));
		close(fd);
	}
	print_on_level(3, "called %s\n", hook);
	if (!wanted || !mode || strcmp(wanted, hook))
		return 0;
	if (!strcmp(mode, "hang"))
		for (;;)
			pause();
	if (!strcmp(mode, "crash"))
		raise(SIGSEGV);
	return strcmp(mode, "fail") ? 0 : -1;
}

static int has(const char *name)
{
	return getenv("ONLY") ? strstr(getenv("ONLY"), name) != NULL : 1;
}

static int dump_unix_sk(int fd, int id)
{
	struct sockaddr_un peer;
	socklen_t length = sizeof(peer);
	char name[64];
	int image;

	if (called("DUMP_UNIX_SK", id))
		return -1;
	if (!has("DUMP_UNIX_SK") || getpeername(fd, (struct sockaddr *)&peer, &length))
		return -ENOTSUP;
	snprintf(name, sizeof(name), "hooks-%x.img", id);
	image = openat(criu_get_image_dir(), name, O_WRONLY | O_CREAT, 0600);
	write(image, &peer, length);
	close(image);
	return 0;
}

static int restore_unix_sk(int id)
{
	struct sockaddr_un peer = { 0 };
	struct timeval limit = { 5, 0 };
	char name[64];
	int image, sock;
	ssize_t length;

	if (called("RESTORE_UNIX_SK", id))
		return -1;
	snprintf(name, sizeof(name), "hooks-%x.img", id);
	image = openat(criu_get_image_dir(), name, O_RDONLY);
	if (image < 0)
		return -ENOTSUP;
	length = read(image, &peer, sizeof(peer));
	close(image);
	sock = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	if (connect(sock, (struct sockaddr *)&peer, length))
		return -errno;
	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return sock;
}

static int dump_ext_file(int fd, int id)
{
	struct stat st;

	if (called("DUMP_EXT_FILE", id))
		return -1;
	return has("DUMP_EXT_FILE") && !fstat(fd, &st) ? 0 : -ENOTSUP;
}

static int restore_ext_file(int id)
{
	return called("RESTORE_EXT_FILE", id) ? -1 : open("/etc/hostname", O_RDONLY);
}

static int dump_ext_mount(char *mountpoint, int id)
{
	if (called("DUMP_EXT_MOUNT", id))
		return -1;
	return has("DUMP_EXT_MOUNT") && mountpoint[0] == '/' ? 0 : -ENOTSUP;
}

static int restore_ext_mount(int id, char *mountpoint, char *old_root, int *is_file)
{
	(void)is_file;
	if (called("RESTORE_EXT_MOUNT", id) || strcmp(old_root, "/"))
		return -1;
	return mount(getenv("SOURCE"), mountpoint, NULL, MS_BIND, NULL) ? -errno : 0;
}

static int dump_ext_link(int index, int type, char *kind)
{
	(void)type;
	if (called("DUMP_EXT_LINK", index))
		return -1;
	return has("DUMP_EXT_LINK") && kind ? 0 : -ENOTSUP;
}

static int handle_device_vma(int fd, const struct stat *st)
{
	if (called("HANDLE_DEVICE_VMA", 0))
		return -1;
	return has("HANDLE_DEVICE_VMA") && fd >= 0 && !S_ISREG(st->st_mode) ? 0 : -ENOTSUP;
}

static int update_vma_map(const char *path, uint64_t addr, uint64_t old, uint64_t *new_pgoff, int *fd)
{
	if (called("UPDATE_VMA_MAP", 0))
		return -1;
	*new_pgoff = old;
	*fd = open(path, O_RDONLY);
	return addr ? 1 : -1;
}

static int resume_devices_late(int pid)
{
	return called("RESUME_DEVICES_LATE", pid) ? -1 : kill(pid, 0);
}

static int pause_devices(int pid)
{
	if (called("PAUSE_DEVICES", pid))
		return -1;
	if (getenv("LISTED"))
		add_inventory_plugin(getenv("LISTED"));
	return kill(pid, 0);
}

static int checkpoint_devices(int pid)
{
	return called("CHECKPOINT_DEVICES", pid) ? -1 : kill(pid, 0);
}

static int post_forking(void)
{
	return called("POST_FORKING", 0);
}

static int init(int stage)
{
	int failed = called("init", stage);

	if (getenv("LISTED") && stage == 2 && !getenv("FORGETFUL"))
		check_and_remove_inventory_plugin(getenv("LISTED"), strlen(getenv("LISTED")));
	return failed;
}

static void finish(int stage, int ret)
{
	(void)stage;
	called("exit", ret);
}

#ifndef VERSION
#define VERSION 0x000200
#endif

struct descriptor CR_PLUGIN_DESC = {
	.name = "hooks", .init = init, .exit = finish, .version = VERSION, .max_hooks = MAX,
	.hooks = { dump_unix_sk, restore_unix_sk, dump_ext_file, restore_ext_file, dump_ext_mount, restore_ext_mount,
		   dump_ext_link, handle_device_vma, update_vma_map, resume_devices_late, pause_devices,
		   checkpoint_devices, post_forking },
};
