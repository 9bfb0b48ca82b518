// A tree: threads, a process group, a session with a child of its own, zombies, a stopped task, shared descriptors.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void wait_for_ever(void)
{
	for (;;)
		pause();
}

static int sleeper(void *arg)
{
	(void)arg;
	wait_for_ever();
	return 0;
}

static void *thread(void *arg)
{
	long i = (long)arg;
	char name[16];
	sigset_t m;

	snprintf(name, sizeof(name), "thread-%ld", i);
	prctl(PR_SET_NAME, name);
	sigemptyset(&m);
	sigaddset(&m, SIGRTMIN + (int)i);
	pthread_sigmask(SIG_BLOCK, &m, 0);
	pthread_kill(pthread_self(), SIGRTMIN + (int)i);
	wait_for_ever();
	return 0;
}

int main(void)
{
	pthread_t t;
	int p[2], fd;

	for (long i = 0; i < 3; i++)
		pthread_create(&t, 0, thread, (void *)i);
	pipe(p);
	if (!fork()) {
		setpgid(0, 0);
		wait_for_ever();
	}
	if (!fork()) {
		setsid();
		if (!fork())
			wait_for_ever();
		wait_for_ever();
	}
	if (!fork())
		_exit(3);
	if (!fork())
		raise(SIGKILL);
	if (!fork()) {
		raise(SIGSTOP);
		wait_for_ever();
	}
	clone(sleeper, (char *)malloc(65536) + 65536, CLONE_FILES | SIGCHLD, 0);
	usleep(200000);
	fd = open(getenv("RESULT"), O_WRONLY | O_CREAT | O_TRUNC, 0644);
	write(fd, "ready\n", 6);
	close(fd);
	rename(getenv("RESULT"), getenv("RESULT_DONE"));
	wait_for_ever();
}
