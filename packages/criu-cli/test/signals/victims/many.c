// More signals pending for a thread than its own program has room for, and more for the process than its limit allows now.
#include "../../restore/victims/say.h"
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

#define MANY 90
static volatile int thread_id, kept;
static pthread_barrier_t start, end;

// Takes what is pending, and puts it back; whether all were there, in the order in which they were sent.
static int all_there(int signal, int tid)
{
	struct timespec none = { 0 };
	sigset_t set;
	siginfo_t info;
	int count = 0;

	sigemptyset(&set);
	sigaddset(&set, signal);
	while (count <= MANY && sigtimedwait(&set, &info, &none) == signal) {
		if (info.si_value.sival_int != count || info.si_code != SI_QUEUE)
			return 0;
		count++;
	}
	return count == MANY;
}

static void send(int signal, int tid)
{
	for (int i = 0; i < MANY; i++) {
		siginfo_t info = { 0 };
		info.si_signo = signal;
		info.si_code = SI_QUEUE;
		info.si_pid = getpid();
		info.si_value.sival_int = i;
		if (tid)
			syscall(SYS_rt_tgsigqueueinfo, getpid(), tid, signal, &info);
		else
			syscall(SYS_rt_sigqueueinfo, getpid(), signal, &info);
	}
}

static void *wait_there(void *unused)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, 0);
	thread_id = syscall(SYS_gettid);
	pthread_barrier_wait(&start);
	for (;;) {
		pthread_barrier_wait(&start);
		kept = all_there(SIGRTMIN, thread_id);
		pthread_barrier_wait(&end);
	}
}

int main(void)
{
	struct rlimit limit = { 7, 7 }, now;
	pthread_t thread;
	sigset_t set, wanted;
	int signal;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, 0);
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGUSR1);
	pthread_barrier_init(&start, 0, 2);
	pthread_barrier_init(&end, 0, 2);
	pthread_create(&thread, 0, wait_there, 0);
	pthread_barrier_wait(&start);
	send(SIGRTMIN, thread_id);
	send(SIGRTMIN + 1, 0);
	setrlimit(RLIMIT_SIGPENDING, &limit);
	say("ready\n");
	sigwait(&wanted, &signal);
	pthread_barrier_wait(&start);
	pthread_barrier_wait(&end);
	getrlimit(RLIMIT_SIGPENDING, &now);
	if (!kept)
		say("the thread's signals are lost\n");
	else if (!all_there(SIGRTMIN + 1, 0))
		say("the process' signals are lost\n");
	else if (now.rlim_cur != 7)
		say("the limit is lost\n");
	else
		say("ok\n");
	for (;;)
		pause();
}
