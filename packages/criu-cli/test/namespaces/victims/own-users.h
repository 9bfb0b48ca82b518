// A child in a user and a pid namespace of its own, whose root is nobody on the host.
#include "../../restore/victims/say.h"
#include "id-maps.h"
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static struct {
	int ready;
	void (*verify)(int);
} inside;

static int in_namespace(void *unused)
{
	char c;

	if (read(inside.ready, &c, 1) != 1 || setsid() < 0 || setgid(0) || setuid(0))
		_exit(23);
	close(inside.ready);
	prctl(PR_SET_DUMPABLE, 1);
	signal(SIGUSR1, inside.verify);
	say("ready\n");
	for (;;)
		pause();
}

// Has the child answer to SIGUSR1 by `verify`, and tells of it when it is ready. Returns its pid.
static int start_inside(int namespaces, void (*verify)(int))
{
	static char stack[1 << 16];
	int ready[2], pid;

	pipe(ready);
	inside.ready = ready[0];
	inside.verify = verify;
	pid = clone(in_namespace, stack + sizeof(stack), CLONE_NEWUSER | CLONE_NEWPID | namespaces | SIGCHLD, 0);
	if (pid < 0)
		_exit(21);
	write_map(pid, "uid_map", "0 300000 1000\n");
	write_map(pid, "gid_map", "0 310000 1000\n");
	write(ready[1], "!", 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}
