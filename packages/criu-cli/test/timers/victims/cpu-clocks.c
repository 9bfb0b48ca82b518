// Timers of CPU time: of the process, of one thread or another, by name or of whoever makes them, of a thread that has
// ended, and of another process. Who burns CPU time hears from its own timers, and nobody else does.
#include "../../restore/victims/say.h"
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>

enum { LEADERS, WORKERS, GAP, WORKERS_OFF, ENDED, ENDED_NAMED, DEAF, WHOLE, WORKERS_NAMED, CHILDS, TIMERS };
static timer_t timers[TIMERS];
static volatile int heard[TIMERS], strangers;
static volatile pid_t worker_tid, ended_tid;
static clockid_t ended_clock, worker_clock;
static pthread_barrier_t begin, end, made;
static pid_t child;

static void hear(int signal, siginfo_t *info, void *context)
{
	int which = info->si_value.sival_int;

	heard[which]++;
	if (which == WORKERS && syscall(SYS_gettid) != worker_tid)
		strangers++;
}

static int make(int which, clockid_t clock, pid_t tid)
{
	struct sigevent event = { .sigev_notify = tid ? SIGEV_THREAD_ID : SIGEV_SIGNAL,
				  .sigev_signo = SIGRTMIN + which };

	event.sigev_value.sival_int = which;
	event._sigev_un._tid = tid;
	return timer_create(clock, &event, &timers[which]);
}

static int arm(int which, long ms)
{
	struct itimerspec time = { { 0, ms * 1000000 }, { 0, ms * 1000000 } };

	return timer_settime(timers[which], 0, &time, 0);
}

static void burn(long ms)
{
	struct timespec from, now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
	do
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	while ((now.tv_sec - from.tv_sec) * 1000 + (now.tv_nsec - from.tv_nsec) / 1000000 < ms);
}

static void *worker(void *unused)
{
	worker_tid = syscall(SYS_gettid);
	pthread_getcpuclockid(pthread_self(), &worker_clock);
	make(WORKERS, CLOCK_THREAD_CPUTIME_ID, worker_tid);
	make(GAP, CLOCK_MONOTONIC, 0);
	make(WORKERS_OFF, CLOCK_THREAD_CPUTIME_ID, 0);
	pthread_barrier_wait(&made);
	for (;;) {
		pthread_barrier_wait(&begin);
		burn(150);
		pthread_barrier_wait(&end);
	}
}

static void *ender(void *unused)
{
	ended_tid = syscall(SYS_gettid);
	pthread_getcpuclockid(pthread_self(), &ended_clock);
	make(ENDED, CLOCK_THREAD_CPUTIME_ID, 0);
	make(ENDED_NAMED, ended_clock, 0);
	make(DEAF, CLOCK_MONOTONIC, ended_tid);
	arm(ENDED, 10);
	return 0;
}

// Burns when it is told to.
static void be_child(void)
{
	sigset_t set;
	int signal;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, 0);
	for (;;) {
		sigwait(&set, &signal);
		burn(150);
	}
}

static void forget(void)
{
	memset((void *)heard, 0, sizeof(heard));
}

static void verify(void)
{
	struct itimerspec time;
	int which;

	CHECK(arm(WORKERS_OFF, 20) == 0);
	forget();
	burn(150);
	CHECK(heard[LEADERS] > 2);
	CHECK(heard[WHOLE] > 2);
	CHECK(!heard[WORKERS] && !heard[WORKERS_OFF] && !heard[WORKERS_NAMED]);
	forget();
	pthread_barrier_wait(&begin);
	pthread_barrier_wait(&end);
	// Waiting takes some time of the leader's too.
	CHECK(heard[LEADERS] < 2 && heard[WHOLE] > 2);
	CHECK(heard[WORKERS] > 2 && heard[WORKERS_OFF] > 2 && heard[WORKERS_NAMED] > 2);
	CHECK(!strangers);
	CHECK(timer_settime(timers[WORKERS_OFF], 0, &(struct itimerspec){ 0 }, 0) == 0);

	heard[CHILDS] = 0;
	kill(child, SIGUSR2);
	for (which = 0; which < 2000 && heard[CHILDS] < 3; which++)
		usleep(5000);
	CHECK(heard[CHILDS] >= 3);

	CHECK(timer_gettime(timers[ENDED], &time) == 0 && time.it_value.tv_nsec == 0 && time.it_value.tv_sec == 0);
	CHECK(arm(ENDED, 10) == -1 && errno == ESRCH);
	CHECK(arm(ENDED_NAMED, 10) == -1 && errno == ESRCH);
	CHECK(timer_gettime(timers[DEAF], &time) == 0 && time.it_interval.tv_nsec == 1000000);
	CHECK(time.it_value.tv_nsec > 0);
	CHECK(timer_gettime(timers[GAP], &time) == -1 && errno == EINVAL);
	CHECK(!heard[ENDED] && !heard[ENDED_NAMED] && !heard[DEAF]);
	say("ok\n");
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = hear, .sa_flags = SA_SIGINFO | SA_RESTART };
	pthread_t thread;
	sigset_t set;
	int signal, which;

	for (which = 0; which < TIMERS; which++)
		sigaction(SIGRTMIN + which, &action, 0);
	pthread_barrier_init(&begin, 0, 2);
	pthread_barrier_init(&end, 0, 2);
	pthread_barrier_init(&made, 0, 2);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, 0);
	child = fork();
	if (!child)
		be_child();
	make(LEADERS, CLOCK_THREAD_CPUTIME_ID, 0);
	pthread_create(&thread, 0, worker, 0);
	pthread_barrier_wait(&made);
	timer_delete(timers[GAP]);
	pthread_create(&thread, 0, ender, 0);
	pthread_join(thread, 0);
	// It is joined before it is gone.
	while (syscall(SYS_tgkill, getpid(), ended_tid, 0) == 0)
		usleep(1000);
	make(WHOLE, CLOCK_PROCESS_CPUTIME_ID, 0);
	make(WORKERS_NAMED, worker_clock, 0);
	clock_getcpuclockid(child, &worker_clock);
	make(CHILDS, worker_clock, 0);
	arm(CHILDS, 20);
	arm(LEADERS, 20);
	arm(WORKERS, 20);
	arm(WHOLE, 20);
	arm(WORKERS_NAMED, 20);
	arm(DEAF, 1);
	say("ready\n");
	for (;;) {
		sigwait(&set, &signal);
		verify();
	}
}
