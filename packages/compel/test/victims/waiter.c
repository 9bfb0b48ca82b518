/* Waits in the way its argument names, says "ready" before, and judges what the wait gave. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <linux/filter.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void verdict(int good, const char *what)
{
	printf("%s %s\n", good ? "ok" : "bad", what);
	exit(!good);
}

static volatile int handled;
static void handler(int sig)
{
	(void)sig;
	handled++;
}

static void slow_handler(int sig)
{
	long end = now() + 500;

	(void)sig;
	while (now() < end)
		handled++;
}

static void *vfork_child(void *arg)
{
	pid_t pid;

	(void)arg;
	pid = vfork();
	if (pid == 0) {
		char c;

		while (syscall(SYS_read, 0, &c, 1) > 0)
			;
		_exit(3);
	}
	return (void *)(long)pid;
}

/* Goes on in 32-bit code that counts up *counter, 32 bits wide and below 4 GiB, and never comes back. */
static void run_compat(volatile unsigned *counter)
{
	unsigned char *code = mmap(0, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	unsigned at = (unsigned)(unsigned long)counter;

	/* incl at; jmp to that */
	code[0] = 0xff;
	code[1] = 0x05;
	memcpy(code + 2, &at, 4);
	code[6] = 0xeb;
	code[7] = 0xf8;
	/* Data segment of 32-bit code (64-bit code needs none), then a far return into its code segment. */
	__asm__ volatile("movl %1, %%ds\n pushq $0x23\n pushq %0\n lretq" : : "r"(code), "r"(0x2b));
}

static volatile unsigned *new_counter(void)
{
	return mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
}

/* Says so when the main thread runs 32-bit code. */
static void *compat_watch(void *counter)
{
	while (!*(volatile unsigned *)counter)
		usleep(1000);
	puts("compat");
	return 0;
}

/* Whether 32-bit code runs here, seen in a child: a signal that ends it, or 0. Not every kernel and machine does. */
static int compat_signal(void)
{
	volatile unsigned *counter = new_counter();
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		run_compat(counter);
	while (!*counter && waitpid(pid, &status, WNOHANG) == 0)
		usleep(1000);
	if (WIFSIGNALED(status))
		return WTERMSIG(status);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return 0;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "nanosleep";
	struct timespec half = { 0, 500000000 }, left = { 0, 0 };
	long start, took;
	int r;

	setvbuf(stdout, 0, _IOLBF, 0);
	puts("ready");
	start = now();
	/* Longer on a busy machine, and while it is looked into. */
#define TOOK_HALF (took = now() - start, took >= 495 && took < 30000)
	if (!strcmp(mode, "nanosleep")) {
		r = nanosleep(&half, &left);
		verdict(r == 0 && TOOK_HALF, "nanosleep");
	} else if (!strcmp(mode, "poll")) {
		int p[2];
		struct pollfd fd;

		if (pipe(p))
			return 1;
		fd.fd = p[0];
		fd.events = POLLIN;
		r = poll(&fd, 1, 500);
		verdict(r == 0 && TOOK_HALF, "poll");
	} else if (!strcmp(mode, "futex")) {
		int word = 7;

		r = syscall(SYS_futex, &word, FUTEX_WAIT, 7, &half, 0, 0);
		verdict(r == -1 && errno == ETIMEDOUT && TOOK_HALF, "futex");
	} else if (!strcmp(mode, "sigsuspend")) {
		sigset_t usr1, none;
		struct itimerval it = { { 0, 0 }, { 0, 500000 } };

		sigemptyset(&usr1);
		sigaddset(&usr1, SIGALRM);
		sigprocmask(SIG_BLOCK, &usr1, 0);
		sigemptyset(&none);
		signal(SIGALRM, handler);
		setitimer(ITIMER_REAL, &it, 0);
		r = sigsuspend(&none);
		sigprocmask(SIG_BLOCK, 0, &none);
		verdict(r == -1 && errno == EINTR && handled == 1 && TOOK_HALF && sigismember(&none, SIGALRM), "sigsuspend");
	} else if (!strcmp(mode, "read")) {
		char c = 0;

		r = read(0, &c, 1);
		verdict(r == 0, "read");
	} else if (!strcmp(mode, "handler")) {
		signal(SIGUSR1, slow_handler);
		raise(SIGUSR1);
		verdict(handled > 0 && TOOK_HALF, "handler");
	} else if (!strcmp(mode, "vdso")) {
		long last = 0, n = 0;

		while ((took = now() - start) < 500) {
			struct timespec t;
			clock_gettime(CLOCK_MONOTONIC, &t);
			long ns = t.tv_sec * 1000000000l + t.tv_nsec;
			if (ns < last)
				verdict(0, "vdso: time went back");
			last = ns;
			n++;
		}
		verdict(n > 100, "vdso");
	} else if (!strcmp(mode, "trapignored") || !strcmp(mode, "trapblocked")) {
		struct sigaction sa;
		sigset_t set, got;
		char c;

		sigemptyset(&set);
		sigaddset(&set, SIGTRAP);
		if (mode[4] == 'i') {
			signal(SIGTRAP, SIG_IGN);
		} else {
			signal(SIGTRAP, handler);
			sigprocmask(SIG_BLOCK, &set, 0);
			kill(getpid(), SIGTRAP);
		}
		puts("set");
		while (read(0, &c, 1) > 0)
			;
		sigaction(SIGTRAP, 0, &sa);
		sigpending(&got);
		if (mode[4] == 'i')
			verdict(sa.sa_handler == SIG_IGN, "SIGTRAP stays ignored");
		else
			verdict(sa.sa_handler == handler && sigismember(&got, SIGTRAP) && !handled, "SIGTRAP stays pending");
	} else if (!strcmp(mode, "strict")) {
		char c, word[] = "ok strict\n";

		prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
		while (syscall(SYS_read, 0, &c, 1) > 0)
			;
		syscall(SYS_write, 1, word, sizeof(word) - 1);
		syscall(SYS_exit, 0);
	} else if (!strcmp(mode, "filter")) {
		struct sock_filter code[] = {
			BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_read, 3, 0),
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 2, 0),
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
			BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
			BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		};
		struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };
		char c, word[] = "ok filter\n";

		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
		while (syscall(SYS_read, 0, &c, 1) > 0)
			;
		syscall(SYS_write, 1, word, sizeof(word) - 1);
		_exit(0);
	} else if (!strcmp(mode, "vfork")) {
		pthread_t t;
		void *pid;
		int status;

		pthread_create(&t, 0, vfork_child, 0);
		pthread_join(t, &pid);
		r = waitpid((pid_t)(long)pid, &status, 0);
		verdict(r > 0 && WEXITSTATUS(status) == 3, "vfork");
	} else if (!strcmp(mode, "compat")) {
		volatile unsigned *counter = new_counter();
		pthread_t t;

		r = compat_signal();
		if (r) {
			printf("signal %d\n", r);
			return 0;
		}
		pthread_create(&t, 0, compat_watch, (void *)counter);
		run_compat(counter);
	} else if (!strcmp(mode, "mdwe")) {
		char c;

		if (prctl(65 /* PR_SET_MDWE */, 1, 0, 0, 0))
			return 1;
		puts("set");
		while (read(0, &c, 1) > 0)
			;
		verdict(1, "mdwe");
	}
	return 2;
}
