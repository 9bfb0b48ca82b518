// Shared memory as a restore has to fill it: whole and with holes, without a name and as memfds, mapped by two and by nobody.
#include "../../restore/victims/say.h"
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define PAGE 4096UL
#define MIB (1UL << 20)
#define WHOLE (48 * MIB)
#define SPARSE (24 * MIB)
#define FEW 20

static uint64_t *whole, *sparse, *named;
static int memfd, few[FEW];
static long blocks;
/* In memory that both have: what the child says. */
static volatile int *child;

static uint64_t value(unsigned long page, uint64_t seed, unsigned long i)
{
	return seed * 1000003 + page * 512 + i;
}

static void put(uint64_t *at, unsigned long page, uint64_t seed)
{
	for (unsigned long i = 0; i < PAGE / 8; i += 64)
		at[page * PAGE / 8 + i] = value(page, seed, i);
}

static int has(const uint64_t *at, unsigned long page, uint64_t seed)
{
	for (unsigned long i = 0; i < PAGE / 8; i += 64)
		if (at[page * PAGE / 8 + i] != value(page, seed, i))
			return 0;
	return 1;
}

static int all(void)
{
	for (unsigned long i = 0; i < WHOLE / PAGE; i++)
		if (!has(whole, i, 1) || !has(named, i, 3))
			return 0;
	for (unsigned long i = 0; i < SPARSE / PAGE; i++)
		if (i % 3 ? sparse[i * PAGE / 8] != 0 : !has(sparse, i, 2))
			return 0;
	return 1;
}

static void verify(int signal)
{
	struct stat st;
	uint64_t page[PAGE / 8];

	/* Before the holes are read, which fills them. */
	CHECK(!fstat(few[0], &st) && st.st_blocks == blocks);
	CHECK(lseek(few[0], PAGE, SEEK_DATA) == 2 * MIB);
	CHECK(all());
	for (int i = 0; i < FEW; i++)
		CHECK(pread(few[i], page, PAGE, 2 * MIB) == PAGE && has(page - 2 * MIB / 8, 2 * MIB / PAGE, 10 + i));
	child[0] = 1;
	while (child[0] == 1)
		usleep(1000);
	CHECK(child[0] == 2);
	child[0] = 0;
	say("ok\n");
}

static void *map(unsigned long bytes, int fd)
{
	return mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
}

int main(void)
{
	struct stat st;
	uint64_t page[PAGE / 8];

	child = map(PAGE, -1);
	whole = map(WHOLE, -1);
	sparse = map(SPARSE, -1);
	memfd = memfd_create("named", 0);
	ftruncate(memfd, WHOLE);
	named = map(WHOLE, memfd);
	for (unsigned long i = 0; i < WHOLE / PAGE; i++) {
		put(whole, i, 1);
		put(named, i, 3);
	}
	for (unsigned long i = 0; i < SPARSE / PAGE; i += 3)
		put(sparse, i, 2);
	for (int i = 0; i < FEW; i++) {
		few[i] = memfd_create("few", 0);
		ftruncate(few[i], 4 * MIB);
		put(page - 2 * MIB / 8, 2 * MIB / PAGE, 10 + i);
		pwrite(few[i], page, PAGE, 0);
		pwrite(few[i], page, PAGE, 2 * MIB);
	}
	fstat(few[0], &st);
	blocks = st.st_blocks;
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			usleep(1000);
			if (child[0] == 1)
				child[0] = all() ? 2 : 3;
		}
	}
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
