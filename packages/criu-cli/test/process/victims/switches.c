// Everything about a process and its threads that a system call can switch and tell: what is told is the same afterwards.
// A second thread has other settings than the first.
#include "../../restore/victims/say.h"
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

// One thread's.
struct settings {
	long slack, io, nice, policy, priority, cpuid, mce, bypass, branch, flush, subreaper, keepcaps, thp, mdwe, merge;
	int tsc;
	uint64_t slice;
	cpu_set_t cpus;
	char filter[32], score[32], group[32];
	long persona, locked, locked_at_once, mempolicy, nodes, stack_flags, stack_size;
};

static struct settings before[2];
static pthread_barrier_t begin, end;
static struct settings now[2];

static void read_own(const char *name, char *text)
{
	char path[64];
	int fd;

	sprintf(path, "/proc/self/%s", name);
	fd = open(path, O_RDONLY);
	memset(text, 0, 32);
	read(fd, text, 31);
	close(fd);
}

static void write_own(const char *name, const char *text)
{
	char path[64];
	int fd;

	sprintf(path, "/proc/self/%s", name);
	fd = open(path, O_WRONLY);
	write(fd, text, strlen(text));
	close(fd);
}

static void look(struct settings *s)
{
	struct attr attr = { 0 };
	struct sched_param param;
	unsigned char there = 0;
	long nodes[16] = { 0 };
	stack_t stack;
	char *page;

	memset(s, 0, sizeof(*s));
	s->slack = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
	s->io = syscall(SYS_ioprio_get, 1, 0);
	s->nice = getpriority(PRIO_PROCESS, 0);
	s->policy = sched_getscheduler(0);
	sched_getparam(0, &param);
	s->priority = param.sched_priority;
	s->cpuid = syscall(SYS_arch_prctl, 0x1011, 0);
	prctl(PR_GET_TSC, &s->tsc, 0, 0, 0);
	s->mce = prctl(PR_MCE_KILL_GET, 0, 0, 0, 0);
	s->bypass = prctl(52, 0, 0, 0, 0);
	s->branch = prctl(52, 1, 0, 0, 0);
	s->flush = prctl(52, 2, 0, 0, 0);
	prctl(PR_GET_CHILD_SUBREAPER, &s->subreaper, 0, 0, 0);
	s->keepcaps = prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0);
	s->thp = prctl(42, 0, 0, 0, 0);
	s->mdwe = prctl(66, 0, 0, 0, 0);
	s->merge = prctl(68, 0, 0, 0, 0);
	syscall(SYS_sched_getattr, 0, &attr, sizeof(attr), 0);
	s->slice = attr.runtime;
	sched_getaffinity(0, sizeof(s->cpus), &s->cpus);
	read_own("coredump_filter", s->filter);
	read_own("oom_score_adj", s->score);
	// Not every kernel has it. In front stands a number that each session has of its own.
	read_own("autogroup", s->group);
	if (strchr(s->group, ' '))
		strcpy(s->group, strdup(strchr(s->group, ' ')));
	s->persona = personality(0xffffffff);
	s->mempolicy = s->nodes = 0;
	syscall(SYS_get_mempolicy, &s->mempolicy, nodes, 1024, 0, 0);
	s->nodes = nodes[0];
	sigaltstack(0, &stack);
	s->stack_flags = stack.ss_flags;
	s->stack_size = stack.ss_size;
	page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mincore(page, 4096, &there);
	s->locked_at_once = there & 1;
	s->locked = madvise(page, 4096, MADV_DONTNEED) != 0;
	munmap(page, 4096);
}

static void bind(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void slice(uint64_t ns)
{
	struct attr attr = { .size = sizeof(attr), .runtime = ns };

	syscall(SYS_sched_setattr, 0, &attr, 0);
}

static void *second(void *unused)
{
	static char room[32768];
	stack_t stack = { .ss_sp = room, .ss_size = sizeof(room), .ss_flags = 1U << 31 /* SS_AUTODISARM */ };

	prctl(PR_SET_TIMERSLACK, 123456, 0, 0, 0);
	syscall(SYS_ioprio_set, 1, 0, 3 << 13);
	setpriority(PRIO_PROCESS, syscall(SYS_gettid), 5);
	prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
	prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0);
	sigaltstack(&stack, 0);
	slice(7000000);
	bind(1);
	pthread_barrier_wait(&end);
	for (;;) {
		pthread_barrier_wait(&begin);
		look(&now[1]);
		pthread_barrier_wait(&end);
	}
}

#define SAME(field)                                                                                       \
	if (now[i].field != before[i].field) {                                                            \
		sprintf(text, "thread %d: " #field " was %ld, is %ld\n", i, (long)before[i].field, (long)now[i].field); \
		say(text);                                                                                \
		return;                                                                                   \
	}

static void verify(void)
{
	char text[200];
	int i;

	pthread_barrier_wait(&begin);
	look(&now[0]);
	pthread_barrier_wait(&end);
	for (i = 0; i < 2; i++) {
		SAME(slack);
		SAME(io);
		SAME(nice);
		SAME(policy);
		SAME(priority);
		SAME(cpuid);
		SAME(tsc);
		SAME(mce);
		SAME(bypass);
		SAME(branch);
		SAME(flush);
		SAME(subreaper);
		SAME(keepcaps);
		SAME(thp);
		SAME(mdwe);
		SAME(merge);
		SAME(slice);
		SAME(persona);
		SAME(mempolicy);
		SAME(nodes);
		SAME(stack_flags);
		SAME(stack_size);
		SAME(locked);
		SAME(locked_at_once);
		CHECK(CPU_EQUAL(&now[i].cpus, &before[i].cpus));
		CHECK(!strcmp(now[i].filter, before[i].filter));
		CHECK(!strcmp(now[i].score, before[i].score));
		CHECK(!strcmp(now[i].group, before[i].group));
	}
	say("ok\n");
}

int main(void)
{
	struct sched_param param = { .sched_priority = 3 };
	long node[16] = { 1 };
	pthread_t thread;
	sigset_t set;
	int number;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, 0);
	pthread_barrier_init(&begin, 0, 2);
	pthread_barrier_init(&end, 0, 2);
	pthread_create(&thread, 0, second, 0);
	pthread_barrier_wait(&end);
	if (strcmp(getenv("KIND"), "usual")) {
		setpriority(PRIO_PROCESS, syscall(SYS_gettid), -3);
		sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &param);
		syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 6);
		bind(0);
		syscall(SYS_arch_prctl, 0x1012, 0);
		prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
		prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
		prctl(41, 1, 2, 0, 0);
		prctl(67, 1, 0, 0, 0);
		personality(0x0040000);
		syscall(SYS_set_mempolicy, 3, &node, 1024);
		write_own("coredump_filter", "0x7f");
		write_own("oom_score_adj", "321");
		write_own("autogroup", "5");
		mlockall(strcmp(getenv("KIND"), "on fault") ? MCL_FUTURE : MCL_FUTURE | 4);
		prctl(65, 1, 0, 0, 0);
	}
	look(&before[0]);
	pthread_barrier_wait(&begin);
	pthread_barrier_wait(&end);
	before[1] = now[1];
	say("ready\n");
	for (;;) {
		sigwait(&set, &number);
		verify();
	}
}
