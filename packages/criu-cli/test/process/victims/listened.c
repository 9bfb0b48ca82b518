// A task with a seccomp filter that has a listener decide on mknod(2): nobody listens any more, so that the kernel answers ENOSYS.
#include "../../restore/victims/say.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static void verify(int signal)
{
	CHECK(syscall(SYS_mknodat, AT_FDCWD, "never", S_IFIFO | 0600, 0) == -1 && errno == ENOSYS);
	say("ok\n");
}

int main(void)
{
	struct sock_filter filter[] = {
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr) },
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_mknodat },
		{ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_USER_NOTIF },
		{ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW },
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };
	int listener;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	if (listener < 0) {
		say("no listener\n");
		return 1;
	}
	close(listener);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
