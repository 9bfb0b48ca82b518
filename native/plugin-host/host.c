// SPDX-License-Identifier: GPL-2.0-only
// Runs one plugin for CRIU, a shared object with C functions (ABI 0.2 of criu-plugin.h and earlier), in a process of
// its own, so that a crash or hang of the plugin affects nothing else. Arguments: a socket, the directory of the
// images, and the path of the plugin.
#define _GNU_SOURCE
#include "plugin-host.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <signal.h>
#include <unistd.h>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE	  1
#define OPEN_TREE_CLOEXEC O_CLOEXEC
#endif

#define EXPORT __attribute__((visibility("default")))

// Hooks by their numbers in criu-plugin.h.
enum {
	DUMP_UNIX_SK,
	RESTORE_UNIX_SK,
	DUMP_EXT_FILE,
	RESTORE_EXT_FILE,
	DUMP_EXT_MOUNT,
	RESTORE_EXT_MOUNT,
	DUMP_EXT_LINK,
	HANDLE_DEVICE_VMA,
	UPDATE_VMA_MAP,
	RESUME_DEVICES_LATE,
	PAUSE_DEVICES,
	CHECKPOINT_DEVICES,
	POST_FORKING,
	HOOKS,
};

#define ABI_VERSION 0x000200

// The structure that a plugin exports as CR_PLUGIN_DESC.
struct descriptor {
	const char *name;
	int (*init)(int stage);
	void (*exit)(int stage, int ret);
	unsigned int version;
	unsigned int max_hooks;
	void *hooks[HOOKS];
};

// Function names of plugins without a descriptor, by hook.
static const char *const OLD_NAMES[HOOKS] = {
	"cr_plugin_dump_unix_sk",     "cr_plugin_restore_unix_sk",	 "cr_plugin_dump_file",
	"cr_plugin_restore_file",     "cr_plugin_dump_ext_mount",	 "cr_plugin_restore_ext_mount",
	"cr_plugin_dump_ext_link",    "cr_plugin_handle_device_vma",	 "cr_plugin_update_vma_map",
	"cr_plugin_resume_devices_late", "cr_plugin_pause_devices",	 "cr_plugin_checkpoint_devices",
	"cr_plugin_post_forking",
};

static char inventory[HOST_TEXT + 1];

static void reply(struct host_reply head, const char *text, size_t length, int fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec parts[] = { { &head, sizeof(head) }, { (char *)text, length } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

	if (fd >= 0) {
		struct cmsghdr *c = &control.align;

		memset(&control, 0, sizeof(control));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	while (sendmsg(HOST_SOCKET, &message, MSG_NOSIGNAL) < 0)
		if (errno != EINTR)
			_exit(1);
}

static void say(enum host_kind kind, int value, const char *text)
{
	size_t length = strlen(text);

	reply((struct host_reply){ .kind = kind, .value = value }, text, length < HOST_TEXT ? length : HOST_TEXT, -1);
}

// Functions that plugins may call.

EXPORT int criu_get_image_dir(void)
{
	return HOST_IMAGES;
}

EXPORT unsigned int log_get_loglevel(void)
{
	return 4;
}

EXPORT void vprint_on_level(unsigned int level, const char *format, va_list args)
{
	char text[2048];
	int saved = errno;

	vsnprintf(text, sizeof(text), format, args);
	say(HOST_LOG, level, text);
	errno = saved;
}

EXPORT void print_on_level(unsigned int level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprint_on_level(level, format, args);
	va_end(args);
}

EXPORT int add_inventory_plugin(const char *name)
{
	say(HOST_LISTED, 0, name);
	return 0;
}

EXPORT bool check_and_remove_inventory_plugin(const char *name, size_t length)
{
	for (char *line = inventory; *line;) {
		char *end = strchrnul(line, '\n');

		if (!strncmp(name, line, length)) {
			char found[256];

			snprintf(found, sizeof(found), "%.*s", (int)(end - line), line);
			say(HOST_CLAIMED, 0, found);
			memmove(line, *end ? end + 1 : end, strlen(*end ? end + 1 : end) + 1);
			return true;
		}
		line = *end ? end + 1 : end;
	}
	return false;
}

static struct descriptor *describe(void *library, const char *path)
{
	static struct descriptor old;
	struct descriptor *found = dlsym(library, "CR_PLUGIN_DESC");

	if (found)
		return found;
	old.name = path;
	old.version = 0x000100;
	old.max_hooks = HOOKS;
	for (int i = 0; i < HOOKS; i++)
		old.hooks[i] = dlsym(library, OLD_NAMES[i]);
	old.init = (int (*)(int))dlsym(library, "cr_plugin_init");
	old.exit = (void (*)(int, int))dlsym(library, "cr_plugin_fini");
	return &old;
}

static void load(const char *path, struct descriptor **plugin)
{
	// Plugins rely on it, since CRIU itself is linked with it.
	void *protobuf = dlopen("libprotobuf-c.so.1", RTLD_LAZY | RTLD_GLOBAL);
	void *library = dlopen(path, RTLD_LAZY);
	struct descriptor *d = library ? describe(library, path) : NULL;
	struct host_reply ready = { .kind = HOST_READY };
	char text[256];

	(void)protobuf;
	if (!library) {
		say(HOST_FAILED, 1, dlerror());
		exit(1);
	}
	if (d->version > ABI_VERSION || d->max_hooks > HOOKS) {
		snprintf(text, sizeof(text), "it is of version %u.%u.%u with %u hooks, and 0.2.0 with %d is the latest known",
			 d->version >> 16, (d->version >> 8) & 0xff, d->version & 0xff, d->max_hooks, HOOKS);
		say(HOST_FAILED, 2, text);
		exit(1);
	}
	for (unsigned int i = 0; i < d->max_hooks; i++)
		if (d->hooks[i])
			ready.wide |= 1LL << i;
	ready.value = d->version;
	reply(ready, d->name ? d->name : path, strlen(d->name ? d->name : path), -1);
	*plugin = d;
}

// A plugin mounts by itself, in a mount namespace of this process, from which the mount is removed again. Returns a
// detached mount, or a negated errno.
static int take_mount(const char *mountpoint)
{
	int fd = syscall(SYS_open_tree, AT_FDCWD, mountpoint, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	int failed = fd < 0 ? -errno : fd;

	umount2(mountpoint, MNT_DETACH);
	return failed;
}

static int own_mounts(void)
{
	static bool done;

	if (!done && (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)))
		return -errno;
	done = true;
	return 0;
}

static void call(struct descriptor *d, const struct host_request *q, char *first, char *second, int fd)
{
	struct host_reply answer = { .kind = HOST_ANSWER };
	void *hook = q->op < d->max_hooks ? d->hooks[q->op] : NULL;
	int given = -1;
	int is_file = 0;
	uint64_t offset = 0;

	if (q->op == HOST_INIT) {
		memcpy(inventory, first, q->first + 1);
		answer.value = d->init ? d->init(q->args[0]) : 0;
	} else if (q->op == HOST_EXIT) {
		if (d->exit)
			d->exit(q->args[0], q->args[1]);
	} else if (!hook) {
		answer.value = -ENOTSUP;
	} else {
		switch (q->op) {
		case DUMP_UNIX_SK:
		case DUMP_EXT_FILE:
			answer.value = ((int (*)(int, int))hook)(fd, q->args[0]);
			break;
		case RESTORE_UNIX_SK:
		case RESTORE_EXT_FILE:
			given = answer.value = ((int (*)(int))hook)(q->args[0]);
			break;
		case DUMP_EXT_MOUNT:
			answer.value = ((int (*)(char *, int))hook)(first, q->args[0]);
			break;
		case RESTORE_EXT_MOUNT:
			answer.value = own_mounts();
			if (!answer.value)
				answer.value = ((int (*)(int, char *, char *, int *))hook)(q->args[0], first, "/", &is_file);
			if (!answer.value)
				given = answer.value = take_mount(first);
			break;
		case DUMP_EXT_LINK:
			answer.value = ((int (*)(int, int, char *))hook)(q->args[0], q->args[1], first);
			break;
		case HANDLE_DEVICE_VMA: {
			struct stat stat;

			// glibc has fstat() only since 2.33. Its structure equals that of the kernel.
			answer.value = syscall(SYS_fstat, fd, &stat) ? -1 : ((int (*)(int, const struct stat *))hook)(fd, &stat);
			break;
		}
		case UPDATE_VMA_MAP:
			answer.value = ((int (*)(const char *, uint64_t, uint64_t, uint64_t *, int *))hook)(
				first, q->args[0], q->args[1], &offset, &given);
			answer.wide = offset;
			break;
		case POST_FORKING:
			answer.value = ((int (*)(void))hook)();
			break;
		default:
			answer.value = ((int (*)(int))hook)(q->args[0]);
		}
	}
	answer.flag = is_file;
	reply(answer, "", 0, given);
	if (given >= 0)
		close(given);
}

int main(int argc, char **argv)
{
	static char room[sizeof(struct host_request) + HOST_TEXT];
	static char first[HOST_TEXT + 1], second[HOST_TEXT + 1];
	struct descriptor *plugin = NULL;

	if (argc != 2)
		return 2;
	// A hook that hangs does not notice that the socket was closed.
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	load(argv[1], &plugin);
	for (;;) {
		union {
			struct cmsghdr align;
			char room[CMSG_SPACE(sizeof(int))];
		} control;
		struct iovec part = { room, sizeof(room) };
		struct msghdr message = {
			.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
		};
		ssize_t size = recvmsg(HOST_SOCKET, &message, MSG_CMSG_CLOEXEC);
		struct host_request *q = (struct host_request *)room;
		int fd = -1;

		if (size < 0 && errno == EINTR)
			continue;
		if (size < (ssize_t)sizeof(*q) || (size_t)size != sizeof(*q) + q->first + q->second)
			return size != 0;
		if (message.msg_controllen >= CMSG_LEN(sizeof(int)) && control.align.cmsg_type == SCM_RIGHTS)
			memcpy(&fd, CMSG_DATA(&control.align), sizeof(int));
		memcpy(first, room + sizeof(*q), q->first);
		first[q->first] = 0;
		memcpy(second, room + sizeof(*q) + q->first, q->second);
		second[q->second] = 0;
		call(plugin, q, first, second, fd);
		if (fd >= 0)
			close(fd);
	}
}
