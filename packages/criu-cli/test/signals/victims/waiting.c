// Threads that wait, each in another system call: none may end because of a dump, but one whose signal handler runs.
#include "../../restore/victims/say.h"
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>

#define LONG 600
enum { SLEEP, SLEEP_LEFT, CLOCK, CLOCK_LEFT, POLL, FUTEX, EPOLL, SIGNALS, READ, THREADS };
static volatile int inside, ended[THREADS], handled;
static int ends[2], epoll;
static pthread_t threads[THREADS];

static void on_signal(int signal)
{
	__sync_fetch_and_add(&handled, 1);
}

static void *wait_in(void *which)
{
	struct timespec time = { LONG, 0 }, left;
	struct pollfd polled = { ends[0], POLLIN };
	struct epoll_event event;
	sigset_t set;
	int word = 0;
	char byte;

	// Each is woken by SIGUSR2 alone; SIGHUP waits for `sigwaitinfo`.
	sigfillset(&set);
	sigdelset(&set, SIGUSR2);
	pthread_sigmask(SIG_SETMASK, &set, 0);
	__sync_fetch_and_add(&inside, 1);
	switch ((long)which) {
	case SLEEP:
		syscall(SYS_nanosleep, &time, 0);
		break;
	case SLEEP_LEFT:
		syscall(SYS_nanosleep, &time, &left);
		break;
	case CLOCK:
		syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &time, 0);
		break;
	case CLOCK_LEFT:
		syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &time, &left);
		break;
	case POLL:
		syscall(SYS_poll, &polled, 1, LONG * 1000);
		break;
	case FUTEX:
		syscall(SYS_futex, &word, FUTEX_WAIT, 0, &time, 0, 0);
		break;
	case EPOLL:
		syscall(SYS_epoll_wait, epoll, &event, 1, -1);
		break;
	case SIGNALS:
		sigemptyset(&set);
		sigaddset(&set, SIGHUP);
		syscall(SYS_rt_sigtimedwait, &set, 0, 0, 8);
		break;
	case READ:
		syscall(SYS_read, ends[0], &byte, 1);
		break;
	}
	ended[(long)which] = 1;
	return 0;
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t usr1;
	int signal;
	int count = THREADS;

	pipe(ends);
	epoll = epoll_create1(0);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigaddset(&usr1, SIGUSR2);
	sigprocmask(SIG_BLOCK, &usr1, 0);
	sigdelset(&usr1, SIGUSR2);
	sigaction(SIGUSR2, &action, 0);
	for (long i = 0; i < count; i++)
		pthread_create(&threads[i], 0, wait_in, (void *)i);
	while (inside < count)
		usleep(1000);
	usleep(100000);
	say("ready\n");
	for (int round = 1;; round++) {
		char text[64] = "ok\n";
		sigwait(&usr1, &signal);
		// Those that had ended have had all the time since the restore to say so.
		usleep(100000);
		for (int i = 0; i < count; i++)
			if (ended[i])
				snprintf(text, sizeof(text), "wait %d has ended\n", i);
		if (round == 2 && !strcmp(text, "ok\n")) {
			for (int i = 0; i < count; i++)
				pthread_kill(threads[i], SIGUSR2);
			for (int i = 0; i < count; i++)
				pthread_join(threads[i], 0);
			if (handled != count)
				snprintf(text, sizeof(text), "%d signals handled\n", handled);
		}
		say(text);
	}
}
