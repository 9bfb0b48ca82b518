// What a parent sees when its memory is held by a fork: a subreaper whose child ends meanwhile, so that it becomes the parent of
// that one's fork, too; or one that waits in vfork(2) when its own fork ends. SIGUSR2 has that happen.
#include "../../../restore/victims/say.h"
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static volatile sig_atomic_t asked, told, deaths;
static volatile int *shared;

static void ask(int sig)
{
	asked = 1;
}

static void tell(int sig)
{
	told = 1;
}

static void died(int sig)
{
	deaths++;
}

static pid_t child;

static int start_child(void)
{
	signal(SIGCHLD, died);
	child = fork();
	if (child)
		return prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGUSR2, SIG_IGN);
	while (!shared[0])
		usleep(500);
	_exit(3);
}

static void wait_in_vfork(void)
{
	child = vfork();
	if (child)
		return;
	shared[1] = 1;
	usleep(700000);
	_exit(3);
}

static void look(int expected_deaths)
{
	int status, stray = 0;
	pid_t pid, first = 0;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		stray += pid != child || status != 3 << 8;
		first = pid;
	}
	CHECK(errno == ECHILD);
	CHECK(first == child);
	CHECK(!stray);
	if (deaths != expected_deaths) { char t[99]; snprintf(t, 99, "%d signals of %d\n", (int)deaths, expected_deaths); say(t); return; }
	say("ok\n");
}

int main(void)
{
	int orphan = !strcmp(getenv("CASE"), "orphan");
	char *memory = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 64 << 20; i += 8)
		*(long *)(memory + i) = i % 4096 / 64 * 0x9e3779b97f4a7c15 + i;
	signal(SIGUSR1, ask);
	signal(SIGUSR2, tell);
	if (orphan && start_child())
		return 1;
	say("ready\n");
	for (;;) {
		usleep(1000);
		if (told) {
			told = 0;
			shared[0] = 1;
			if (!orphan)
				wait_in_vfork();
		}
		if (asked) {
			asked = 0;
			look(orphan);
		}
	}
}
