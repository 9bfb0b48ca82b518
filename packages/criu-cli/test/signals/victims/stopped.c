// Stopped children with signals pending: they stay stopped, take nothing until SIGCONT, and then all of it in order. Their
// parent hears of a stop once.
#include "../../restore/victims/say.h"
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { TOLD, UNTOLD, STOPPED, CONTINUED = STOPPED, CHILDREN };
static pid_t children[CHILDREN];
static volatile int chlds;

// What the children tell.
static volatile struct {
	pid_t thread;
	int ready, terms, usr2s, strangers, values[3], codes[3], got;
} *shared;

static void on_child(int signal)
{
	chlds++;
}

static void on_term(int signal)
{
	shared->terms++;
}

static void on_usr2(int signal)
{
	shared->usr2s++;
	if (syscall(SYS_gettid) != shared->thread)
		shared->strangers++;
}

static void queued(void)
{
	siginfo_t info;
	sigset_t set;
	int i;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, 0);
	signal(SIGTERM, on_term);
	shared->ready++;
	for (i = 0; i < 3; i++) {
		while (sigwaitinfo(&set, &info) < 0)
			;
		shared->values[i] = info.si_value.sival_int;
		shared->codes[i] = info.si_code;
		shared->got = i + 1;
	}
	for (;;)
		pause();
}

static void *waiting(void *unused)
{
	shared->thread = syscall(SYS_gettid);
	shared->ready++;
	for (;;)
		pause();
}

static void threaded(void)
{
	pthread_t thread;

	signal(SIGUSR2, on_usr2);
	pthread_create(&thread, 0, waiting, 0);
	for (;;)
		pause();
}

static pid_t start(void (*body)(void))
{
	int ready = shared->ready;
	pid_t pid = fork();

	if (!pid) {
		setpgid(0, 0);
		body();
	}
	while (shared->ready == ready)
		usleep(1000);
	return pid;
}

static void stop(pid_t pid, int signal, int how)
{
	siginfo_t info = { 0 };
	int before = chlds;

	kill(pid, signal);
	while (waitid(P_PID, pid, &info, WSTOPPED | how) != 0 || info.si_pid != pid)
		;
	while (chlds == before)
		usleep(1000);
}

static void set_up(void)
{
	pid_t thread;
	int i;

	memset((void *)shared, 0, sizeof(*shared));
	children[TOLD] = start(queued);
	children[UNTOLD] = start(threaded);
	stop(children[TOLD], SIGSTOP, 0);
	stop(children[UNTOLD], SIGTSTP, WNOWAIT);
	thread = shared->thread;
	children[CONTINUED] = start(threaded);
	shared->thread = thread;
	stop(children[CONTINUED], SIGSTOP, 0);
	chlds = 0;
	kill(children[CONTINUED], SIGCONT);
	while (!chlds)
		usleep(1000);
	kill(children[TOLD], SIGTERM);
	for (i = 0; i < 3; i++)
		sigqueue(children[TOLD], SIGRTMIN, (union sigval){ .sival_int = 30 - i });
	syscall(SYS_tgkill, children[UNTOLD], shared->thread, SIGUSR2);
	chlds = 0;
}

static char state_of(pid_t pid)
{
	char path[64], text[256] = { 0 };
	int fd;

	sprintf(path, "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY);
	read(fd, text, sizeof(text) - 1);
	close(fd);
	return text[0] ? strrchr(text, ')')[2] : 0;
}

// Waits for something that another process does.
#define SOON(x)                                        \
	do {                                           \
		for (int n = 0; n < 5000 && !(x); n++) \
			usleep(1000);                  \
		CHECK(x);                              \
	} while (0)

static void verify(void)
{
	int i, status;

	CHECK(chlds == 0);
	// As init of a pid namespace it sees /proc of another one.
	for (i = 0; i < STOPPED; i++)
		CHECK(getpid() == 1 || state_of(children[i]) == 'T');
	CHECK(waitpid(children[TOLD], &status, WUNTRACED | WNOHANG) == 0);
	CHECK(waitpid(children[UNTOLD], &status, WUNTRACED | WNOHANG) == children[UNTOLD]);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTSTP);
	CHECK(waitpid(children[CONTINUED], &status, WUNTRACED | WCONTINUED | WNOHANG) == children[CONTINUED]);
	CHECK(WIFCONTINUED(status));
	CHECK(!shared->terms && !shared->usr2s && !shared->got);

	kill(children[TOLD], SIGCONT);
	SOON(shared->got == 3 && shared->terms == 1);
	for (i = 0; i < 3; i++)
		CHECK(shared->values[i] == 30 - i && shared->codes[i] == SI_QUEUE);
	kill(children[UNTOLD], SIGCONT);
	SOON(shared->usr2s == 1);
	CHECK(!shared->strangers);
	for (i = 0; i < CHILDREN; i++) {
		kill(children[i], SIGKILL);
		waitpid(children[i], &status, 0);
	}
	set_up();
	say("ok\n");
}

int main(void)
{
	sigset_t set;
	int number;

	shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	signal(SIGCHLD, on_child);
	set_up();
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, 0);
	say("ready\n");
	for (;;) {
		sigwait(&set, &number);
		verify();
	}
}
