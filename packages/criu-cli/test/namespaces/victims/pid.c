// The init of a pid namespace, with threads, a child that it is the group of, a zombie, and everything that has pids in it:
// timers, owners of files, locks, pidfds, pending signals. The one who started it waits outside and says where it is.
#include "../../restore/victims/say.h"
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

static pid_t child, zombie, thread_tid;
static int owned, locked, child_fd, pty, asked[2], answered[2];
static timer_t timer;
static volatile int ticks;
static volatile pid_t ticked_by;

static void tick(int signal)
{
	ticks++;
	ticked_by = syscall(SYS_gettid);
}

static void *worker(void *unused)
{
	thread_tid = syscall(SYS_gettid);
	for (;;)
		pause();
}

static void verify(int signal)
{
	struct f_owner_ex owner;
	struct flock lock = { .l_type = F_WRLCK };
	char text[100];
	sigset_t set;
	siginfo_t info;
	struct timespec none = { 0 };
	struct pollfd gone = { child_fd, POLLIN };
	pid_t other;
	int result;

	CHECK(getpid() == 1 && getsid(0) == 1 && getpgid(0) == 1);
	CHECK(syscall(SYS_gettid) == 1 || syscall(SYS_gettid) == thread_tid);
	CHECK(getpgid(child) == child && getsid(child) == 1);
	// The thread is where it was, and known by its tid.
	CHECK(syscall(SYS_tgkill, 1, thread_tid, 0) == 0);
	for (int before = ticks, tries = 0; ticks == before && tries < 300; tries++)
		usleep(10000);
	CHECK(ticked_by == thread_tid);
	CHECK(fcntl(owned, F_GETOWN_EX, &owner) == 0 && owner.type == F_OWNER_PID && owner.pid == child);
	// The child sees our lock, and tells who has it.
	CHECK(write(asked[1], "l", 1) == 1 && read(answered[0], text, 8) == 8 && *(long *)text == 1);
	CHECK(poll(&gone, 1, 0) == 0);
	CHECK(syscall(SYS_pidfd_send_signal, child_fd, 0, 0, 0) == 0);
	// Pending since before: from the child.
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	CHECK(sigtimedwait(&set, &info, &none) == SIGRTMIN && info.si_pid == child && info.si_value.sival_int == 42);
	CHECK(write(asked[1], "s", 1) == 1 && read(answered[0], text, 8) == 8);
	CHECK(tcgetpgrp(pty) == child);
	memset(&info, 0, sizeof(info));
	CHECK(waitid(P_PID, zombie, &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid == zombie && info.si_status == 7);
	// New ones get new pids.
	other = fork();
	if (other == 0)
		_exit(getppid() == 1 ? 3 : 4);
	CHECK(other > 1 && waitpid(other, &result, 0) == other && WEXITSTATUS(result) == 3);
	say("ok\n");
}

static void be_child(void)
{
	char c;

	setpgid(0, 0);
	while (read(asked[0], &c, 1) == 1) {
		struct flock lock = { .l_type = F_WRLCK };
		long answer = 0;
		union sigval value = { .sival_int = 42 };

		if (c == 'l' && fcntl(locked, F_GETLK, &lock) == 0)
			answer = lock.l_pid;
		else if (c == 's')
			answer = sigqueue(1, SIGRTMIN, value);
		write(answered[1], &answer, 8);
	}
	_exit(0);
}

static void be_init(void)
{
	struct f_owner_ex owner = { F_OWNER_PID };
	struct flock lock = { .l_type = F_WRLCK };
	struct sigaction ticking = { .sa_handler = tick, .sa_flags = SA_RESTART };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2 };
	struct itimerspec often = { { 0, 20000000 }, { 0, 20000000 } };
	sigset_t set;
	pthread_t thread;
	char answer[8];
	int ends[2], slave;

	if (!getenv("NO_SESSION"))
		setsid();
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, 0);
	pipe(asked);
	pipe(answered);
	pty = posix_openpt(O_RDWR | O_NOCTTY);
	grantpt(pty);
	unlockpt(pty);
	slave = open(ptsname(pty), O_RDWR);
	ioctl(slave, TIOCSCTTY, 0);
	signal(SIGTTOU, SIG_IGN);
	pty = slave;
	locked = open(getenv("GHOST"), O_RDWR | O_CREAT, 0600);
	fcntl(locked, F_SETLK, &lock);
	// A gap in the pids.
	for (int i = 0; i < 3; i++) {
		pid_t gone = fork();

		if (gone == 0)
			_exit(0);
		waitpid(gone, 0, 0);
	}
	child = fork();
	if (child == 0)
		be_child();
	setpgid(child, child);
	tcsetpgrp(pty, child);
	zombie = fork();
	if (zombie == 0)
		_exit(7);
	waitid(P_PID, zombie, &(siginfo_t){ 0 }, WEXITED | WNOWAIT);
	pthread_create(&thread, 0, worker, 0);
	while (!thread_tid)
		usleep(1000);
	pipe(ends);
	owned = ends[0];
	if (getenv("PROC_FILE"))
		open(getenv("PROC_FILE"), O_RDONLY);
	owner.pid = child;
	fcntl(owned, F_SETOWN_EX, &owner);
	child_fd = syscall(SYS_pidfd_open, child, 0);
	sigaction(SIGUSR2, &ticking, 0);
	((int *)&event.sigev_notify)[1] = thread_tid;
	if (getenv("QUIET"))
		often.it_value.tv_sec = 1000;
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &often, 0);
	write(asked[1], "s", 1);
	read(answered[0], answer, 8);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}

int main(void)
{
	pid_t init;
	char text[32];
	int fd;

	if (unshare(CLONE_NEWPID))
		return 1;
	init = fork();
	if (init == 0)
		be_init();
	// Whoever dumps it wants its pid from outside.
	snprintf(text, sizeof(text), "%d", init);
	fd = open(getenv("INIT"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	write(fd, text, strlen(text));
	close(fd);
	for (;;)
		waitpid(-1, 0, 0) < 0 ? pause() : 0;
}
