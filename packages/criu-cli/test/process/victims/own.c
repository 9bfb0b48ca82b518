// A thread that has left something which the threads of a process share: OWN tells what.
#include "../../restore/victims/say.h"
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>

static const char *own;
static int extra, failed;
static pthread_barrier_t set_up, asked, answered;

static const struct {
	const char *name;
	int flag;
} namespaces[] = {
	{ "network", CLONE_NEWNET }, { "host name", CLONE_NEWUTS }, { "IPC", CLONE_NEWIPC },
	{ "cgroups", CLONE_NEWCGROUP }, { "pids", CLONE_NEWPID }, { "clocks", 0x80 /* CLONE_NEWTIME */ },
};

static int is_kept(void)
{
	struct stat status;

	if (!strcmp(own, "files"))
		return fstat(extra, &status) < 0;
	if (!strcmp(own, "folder"))
		return !stat("bin", &status);
	return 1;
}

static void *leave(void *unused)
{
	sigset_t all;
	int i;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, 0);
	if (!strcmp(own, "files")) {
		failed = unshare(CLONE_FILES);
		close(extra);
	} else if (!strcmp(own, "folder")) {
		failed = unshare(CLONE_FS) || chdir("/usr");
	} else if (!strcmp(own, "mounts")) {
		failed = unshare(CLONE_NEWNS);
	} else {
		for (i = 0; i < sizeof(namespaces) / sizeof(*namespaces); i++)
			if (!strcmp(own, namespaces[i].name))
				failed = unshare(namespaces[i].flag);
	}
	pthread_barrier_wait(&set_up);
	for (;;) {
		pthread_barrier_wait(&asked);
		failed = !is_kept();
		pthread_barrier_wait(&answered);
	}
}

int main(void)
{
	sigset_t set;
	pthread_t thread;
	int signal;

	own = getenv("OWN");
	extra = open("/dev/null", O_RDONLY);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, 0);
	pthread_barrier_init(&set_up, 0, 2);
	pthread_barrier_init(&asked, 0, 2);
	pthread_barrier_init(&answered, 0, 2);
	pthread_create(&thread, 0, leave, 0);
	pthread_barrier_wait(&set_up);
	say(failed ? "failed\n" : "ready\n");
	for (;;) {
		sigwait(&set, &signal);
		pthread_barrier_wait(&asked);
		pthread_barrier_wait(&answered);
		say(failed ? "lost\n" : "ok\n");
	}
}
