// Memory that gets guards (MADV_GUARD_INSTALL, Linux 6.13) as soon as its task runs again, most of them over pages that are missing.
// No event tells of guards, and the kernel lets a page take the place of one that was made at the very moment in which it copies that
// page: so few may be gone.
#include "../../../restore/victims/say.h"
#include <stdlib.h>
#include <sys/mman.h>

#define BYTES (256ul << 20)
#define EVERY (256ul << 10)
#define GUARDED (64ul << 10)
#define INSTALL 102

static volatile sig_atomic_t asked;
static int nowhere;

static void ask(int sig)
{
	asked = 1;
}

// What cannot be read is no address to write from.
static int readable(char *page)
{
	char back;
	int got = write(nowhere, page, 1) == 1;

	if (got)
		CHECK(read(nowhere - 1, &back, 1) == 1);
	return got;
}

int main(void)
{
	char *at = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int ends[2], made = 0;

	CHECK(at != MAP_FAILED && !pipe(ends));
	CHECK(dup2(ends[0], 100) == 100 && dup2(ends[1], 101) == 101);
	nowhere = 101;
	memset(at, 7, BYTES);
	signal(SIGUSR1, ask);
	say("ready\n");
	for (;;) {
		if (asked && !made) {
			for (char *p = at; p < at + BYTES; p += EVERY)
				made += !madvise(p, GUARDED, INSTALL);
			say(made ? "ok\n" : "this kernel has no guards\n");
			asked = 0;
		} else if (asked) {
			int gone = 0;

			for (char *p = at; p < at + BYTES; p += EVERY) {
				gone += readable(p) || readable(p + GUARDED - 4096);
				CHECK(p[GUARDED] == 7 && p[EVERY - 1] == 7);
			}
			say(gone * 16 <= made ? "ok\n" : "guards are gone\n");
			asked = 0;
		}
		usleep(1000);
	}
}
