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

static pthread_barrier_t all_set;

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
	pthread_barrier_wait(&all_set);
	wait_for_ever();
	return 0;
}

int main(void)
{
	pthread_t t;
	int p[2], fd, up[2];
	char c;
	siginfo_t si;
	pid_t ended[2], stopped;

	pthread_barrier_init(&all_set, 0, 4);
	for (long i = 0; i < 3; i++)
		pthread_create(&t, 0, thread, (void *)i);
	pipe(p);
	/* Children close this one when they are as they should be; at its end all are. */
	pipe(up);
	if (!fork()) {
		setpgid(0, 0);
		close(up[0]);
		close(up[1]);
		wait_for_ever();
	}
	if (!fork()) {
		setsid();
		close(up[0]);
		if (!fork()) {
			close(up[1]);
			wait_for_ever();
		}
		close(up[1]);
		wait_for_ever();
	}
	if (!(ended[0] = fork()))
		_exit(3);
	if (!(ended[1] = fork()))
		raise(SIGKILL);
	if (!(stopped = fork())) {
		close(up[0]);
		close(up[1]);
		raise(SIGSTOP);
		wait_for_ever();
	}
	close(up[1]);
	while (read(up[0], &c, 1) > 0)
		;
	close(up[0]);
	for (int i = 0; i < 2; i++)
		waitid(P_PID, ended[i], &si, WEXITED | WNOWAIT);
	waitid(P_PID, stopped, &si, WSTOPPED | WNOWAIT);
	clone(sleeper, (char *)malloc(65536) + 65536, CLONE_FILES | SIGCHLD, 0);
	pthread_barrier_wait(&all_set);
	fd = open(getenv("RESULT"), O_WRONLY | O_CREAT | O_TRUNC, 0644);
	write(fd, "ready\n", 6);
	close(fd);
	rename(getenv("RESULT"), getenv("RESULT_DONE"));
	wait_for_ever();
}
