// One task with one of each resource. On SIGUSR1 it checks all it can see of itself, and writes what it found.
#include "../../restore/victims/say.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

static int p[2], ghost, passwd, null, event, ep, timer, sigs, mem;
static char *shared, *private, *file, *guarded;
static timer_t posix_timer;
static const size_t BIG = 64 * 4096;

static void verify(void)
{
	char b[64] = "";
	struct epoll_event ev;
	struct itimerspec its;
	struct itimerval itv;
	uint64_t n = 0;
	struct stat st;
	stack_t ss;
	sigset_t pending;
	unsigned long sum = 0;

	CHECK(read(p[0], b, sizeof(b)) == 5 && !memcmp(b, "hello", 5));
	CHECK(write(p[1], "hello", 5) == 5);
	CHECK(pread(ghost, b, 10, 0) == 10 && !memcmp(b, "ghost data", 10));
	CHECK(!fstat(ghost, &st) && st.st_nlink == 0);
	CHECK(lseek(passwd, 0, SEEK_CUR) == 7);
	CHECK(fcntl(null, F_GETFD) == FD_CLOEXEC);
	CHECK(epoll_wait(ep, &ev, 1, 0) == 1 && ev.data.u64 == 77);
	CHECK(read(event, &n, 8) == 8 && n == 5);
	n = 5;
	CHECK(write(event, &n, 8) == 8);
	CHECK(!timerfd_gettime(timer, &its) && its.it_interval.tv_sec == 10 && its.it_value.tv_sec > 500);
	CHECK(!timer_gettime(posix_timer, &its) && its.it_interval.tv_sec == 5 && its.it_value.tv_sec > 500);
	CHECK(!getitimer(ITIMER_REAL, &itv) && itv.it_interval.tv_sec == 100 && itv.it_value.tv_sec > 500);
	CHECK(!sigpending(&pending) && sigismember(&pending, SIGUSR2));
	CHECK(pread(mem, b, 5, 0) == 5 && !memcmp(b, "memfd", 5));
	CHECK(shared[0] == 1 && shared[5 * 4096] == 2 && shared[4096] == 0);
	CHECK(private[0] == 1 && private[3 * 4096] == 9 && private[10 * 4096] == 0);
	for (size_t i = 0; i < BIG; i++)
		sum += (unsigned char)private[i];
	CHECK(sum == 10);
	CHECK(file[0] == 'x' && file[1] == 'o');
	CHECK(!mprotect(guarded, 4096, PROT_READ) && guarded[0] == 42 && !mprotect(guarded, 4096, PROT_NONE));
	CHECK(!sigaltstack(0, &ss) && ss.ss_size == 16384);
	mode_t um = umask(027);
	CHECK(um == 027);
	say("ok\n");
}

// All it calls may be called in a handler.
static void on_usr1(int s)
{
	(void)s;
	verify();
}

int main(void)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = 77 };
	struct itimerspec its = { { 10, 0 }, { 1000, 5 } }, its2 = { { 5, 0 }, { 1000, 0 } };
	struct itimerval itv = { { 100, 0 }, { 1000, 3 } };
	struct sigevent sev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
	struct sigaction sa = { .sa_handler = on_usr1, .sa_flags = SA_RESTART };
	stack_t ss = { .ss_sp = malloc(16384), .ss_size = 16384 };
	sigset_t m;

	sigaction(SIGUSR1, &sa, 0);
	pipe(p);
	write(p[1], "hello", 5);
	ghost = open(getenv("GHOST"), O_RDWR | O_CREAT | O_TRUNC, 0644);
	write(ghost, "ghost data", 10);
	unlink(getenv("GHOST"));
	passwd = open("/etc/passwd", O_RDONLY);
	lseek(passwd, 7, SEEK_SET);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	event = eventfd(5, 0);
	ep = epoll_create1(0);
	epoll_ctl(ep, EPOLL_CTL_ADD, event, &ev);
	timer = timerfd_create(CLOCK_MONOTONIC, 0);
	timerfd_settime(timer, 0, &its, 0);
	sigemptyset(&m);
	sigaddset(&m, SIGUSR2);
	sigprocmask(SIG_BLOCK, &m, 0);
	sigs = signalfd(-1, &m, 0);
	kill(getpid(), SIGUSR2);
	setitimer(ITIMER_REAL, &itv, 0);
	timer_create(CLOCK_MONOTONIC, &sev, &posix_timer);
	timer_settime(posix_timer, 0, &its2, 0);
	shared = mmap(0, 8 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	shared[0] = 1;
	shared[5 * 4096] = 2;
	private = mmap(0, BIG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	private[0] = 1;
	private[3 * 4096] = 9;
	mem = memfd_create("mymem", 0);
	ftruncate(mem, 8192);
	write(mem, "memfd", 5);
	file = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, passwd, 0);
	file[0] = 'x';
	guarded = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	guarded[0] = 42;
	mprotect(guarded, 4096, PROT_NONE);
	sigaltstack(&ss, 0);
	umask(027);
	say("ready\n");
	for (;;)
		pause();
}
