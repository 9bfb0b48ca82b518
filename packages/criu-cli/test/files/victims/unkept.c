// An open file of a kind that cannot be dumped, or other such state: KIND tells which.
#include "../../restore/victims/say.h"
#include <asm/ldt.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static int fd;

static void verify(int sig)
{
	say(fd < 0 ? "not here\n" : fcntl(fd, F_GETFD) < 0 ? "lost\n" : "ok\n");
}

static int open_kind(const char *kind)
{
	if (!strcmp(kind, "io_uring")) {
		char parameters[120] = "";
		return syscall(SYS_io_uring_setup, 4, parameters);
	}
	if (!strcmp(kind, "vsock"))
		return socket(AF_VSOCK, SOCK_STREAM, 0);
	if (!strcmp(kind, "userfaultfd"))
		return syscall(SYS_userfaultfd, O_NONBLOCK);
	if (!strcmp(kind, "perf_event")) {
		struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(attr) };
		return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	}
	if (!strcmp(kind, "dnotify")) {
		int folder = open("/", O_RDONLY | O_DIRECTORY);

		return fcntl(folder, F_NOTIFY, DN_CREATE | DN_MULTISHOT) ? -1 : folder;
	}
	if (!strcmp(kind, "in flight")) {
		char byte = 0, control[CMSG_SPACE(sizeof(int))] = "";
		struct iovec iov = { &byte, 1 };
		struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		int ends[2], sent = syscall(SYS_pidfd_open, getppid(), 0);

		socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &sent, sizeof(int));
		sendmsg(ends[0], &message, 0);
		close(sent);
		return ends[1];
	}
	if (!strcmp(kind, "keyring"))
		return syscall(SYS_keyctl, 0, -2, 1) < 0 ? -1 : 1;
	if (!strcmp(kind, "segments")) {
		struct user_desc segment = { .entry_number = 1, .limit = 1, .seg_32bit = 1, .useable = 1 };

		return syscall(SYS_modify_ldt, 1, &segment, sizeof(segment)) ? -1 : 1;
	}
	union bpf_attr map = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1 };
	return syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof(map));
}

int main(void)
{
	struct sigaction action = { .sa_handler = verify };

	fd = open_kind(getenv("KIND"));
	sigaction(SIGUSR1, &action, 0);
	say("ready\n");
	for (;;)
		pause();
}
