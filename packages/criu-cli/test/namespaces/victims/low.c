// A task with a child and a thread, all of which keep their pids; those of a fresh pid namespace are low ones. At SIGUSR2 it
// ends with 7, and its child says something when it has been an orphan for a while.
#include "../../restore/victims/say.h"
#include <pthread.h>
#include <sys/syscall.h>

static pid_t own, child, thread;
static volatile int asked, answered;

static void *other(void *unused)
{
	thread = gettid();
	for (;;) {
		if (asked && !answered)
			answered = gettid() == thread ? 1 : 2;
		usleep(1000);
	}
}

static void verify(int signal)
{
	asked = 1;
	for (int i = 0; i < 5000 && !answered; i++)
		usleep(1000);
	CHECK(answered == 1);
	asked = answered = 0;
	CHECK(getpid() == own && own < 10 && child < 10 && thread < 10);
	CHECK(kill(child, 0) == 0);
	say("ok\n");
}

static void end(int signal)
{
	_exit(7);
}

int main(void)
{
	pthread_t t;

	own = getpid();
	child = fork();
	if (child == 0) {
		while (getppid() == own)
			usleep(1000);
		usleep(300000);
		say("late\n");
		_exit(0);
	}
	/* A handler in the thread would wait for the thread itself. */
	sigset_t all;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	pthread_create(&t, NULL, other, NULL);
	pthread_sigmask(SIG_UNBLOCK, &all, NULL);
	while (!thread)
		usleep(1000);
	signal(SIGUSR1, verify);
	signal(SIGUSR2, end);
	say("ready\n");
	for (;;)
		pause();
}
