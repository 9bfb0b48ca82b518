// Files about which signals are asked for (O_ASYNC): a pipe, a pair of sockets, a terminal and a FIFO, each with something to read.
#include "../../restore/victims/say.h"
#include <pty.h>
#include <sys/socket.h>
#include <time.h>

#define KINDS 4
#define FIRST 70

static int far[KINDS], number;
static sigset_t mask;

static int next(siginfo_t *info)
{
	struct timespec soon = { 0, 50000000 };

	return sigtimedwait(&mask, info, &soon);
}

static void check(void)
{
	siginfo_t info;
	int i;

	// What a restore puts into them is no news.
	CHECK(next(&info) < 0);
	for (i = 0; i < KINDS; i++) {
		CHECK(fcntl(FIRST + i, F_GETFL) & O_ASYNC);
		CHECK(write(far[i], "new\n", 4) == 4);
		CHECK(next(&info) == number && info.si_fd == FIRST + i);
		while (next(&info) > 0)
			;
	}
	say("ok\n");
}

int main(void)
{
	char path[256];
	int two[2], i, signal;
	sigset_t usr1;
	siginfo_t info;

	number = SIGRTMIN + 5;
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	sigemptyset(&mask);
	sigaddset(&mask, number);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	snprintf(path, sizeof(path), "%s.fifo", getenv("RESULT"));
	mkfifo(path, 0600);
	for (i = 0; i < KINDS; i++) {
		if (i == 0)
			pipe(two);
		else if (i == 1)
			socketpair(AF_UNIX, SOCK_STREAM, 0, two);
		else if (i == 2)
			openpty(&two[0], &two[1], NULL, NULL, NULL);
		else {
			two[0] = open(path, O_RDWR);
			two[1] = open(path, O_WRONLY);
		}
		dup2(two[0], FIRST + i);
		close(two[0]);
		far[i] = two[1];
		fcntl(FIRST + i, F_SETSIG, number);
		fcntl(FIRST + i, F_SETOWN, getpid());
		fcntl(FIRST + i, F_SETFL, O_ASYNC | O_NONBLOCK);
		write(far[i], "old\n", 4);
	}
	while (next(&info) > 0)
		;
	say("ready\n");
	for (;;) {
		sigwait(&usr1, &signal);
		check();
	}
}
