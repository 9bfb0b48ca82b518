// Semaphores that a child holds: when it ends, the kernel gives back what it took and takes back what it gave (SEM_UNDO). Another child
// waits for one, which lasts however often it is looked at.
#include "../../restore/victims/say.h"
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/wait.h>

#define COUNT 100
#define HIGH 32767
/* Numbers of semaphores that the waiting child changes. */
#define AWAITED 0
#define HELD_MEANWHILE 9

static volatile int *shared;
static int set, holder, waiter;

static void change(int num, int by, int flags)
{
	struct sembuf operation = { num, by, flags };

	if (semop(set, &operation, 1))
		_exit(10);
}

static int value(int num)
{
	return semctl(set, num, GETVAL);
}

static void hold(void)
{
	change(5, -3, SEM_UNDO);
	change(7, 4, SEM_UNDO);
	change(50, -HIGH, SEM_UNDO);
	change(51, 100, SEM_UNDO);
	change(51, 10, 0);
	change(99, -1, SEM_UNDO);
	shared[0] = 1;
	for (;;)
		pause();
}

static void wait_for_one(void)
{
	change(HELD_MEANWHILE, -4, SEM_UNDO);
	shared[1] = 1;
	change(AWAITED, -5, SEM_UNDO);
	shared[2] = 1;
	for (;;)
		pause();
}

static void end(int pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void check(void)
{
	static const int held[][2] = { { 5, 2 }, { 7, 11 }, { 50, 0 }, { 51, 16494 }, { 99, 98 }, { 6, 6 } };
	static const int free[][2] = { { 5, 5 }, { 7, 7 }, { 50, HIGH }, { 51, 16394 }, { 99, 99 }, { 6, 6 } };
	int i;

	for (i = 0; i < 6; i++)
		CHECK(value(held[i][0]) == held[i][1]);
	end(holder);
	for (i = 0; i < 6; i++)
		CHECK(value(free[i][0]) == free[i][1]);
	CHECK(value(HELD_MEANWHILE) == 5);
	CHECK(waitpid(waiter, NULL, WNOHANG) == 0);
	change(AWAITED, 5, 0);
	for (i = 0; i < 1000 && !shared[2]; i++)
		usleep(1000);
	CHECK(shared[2]);
	end(waiter);
	CHECK(value(AWAITED) == 5 && value(HELD_MEANWHILE) == 9);
	CHECK(semctl(set, 0, IPC_RMID) == 0);
	say("ok\n");
}

int main(void)
{
	unsigned short values[COUNT];
	sigset_t mask;
	int i, signal;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	set = semget(IPC_PRIVATE, COUNT, 0600);
	for (i = 0; i < COUNT; i++)
		values[i] = i;
	values[50] = HIGH;
	values[51] = 16384;
	semctl(set, 0, SETALL, values);
	holder = fork();
	if (!holder)
		hold();
	waiter = fork();
	if (!waiter)
		wait_for_one();
	while (!shared[0] || !shared[1])
		usleep(1000);
	say("ready\n");
	sigwait(&mask, &signal);
	check();
	return 0;
}
