// Memory as a restore has to fill it: whole and in pieces, large and small, open and closed to the task itself.
#include "../../restore/victims/say.h"
#include <stdint.h>
#include <sys/mman.h>

#define PAGE 4096UL
#define MIB (1UL << 20)
#define SMALL 1000

/* Resident before, in kB. */
static long room[3];
static uint64_t *whole, *sparse, *odd, *plain, *closed, *reading, *small[SMALL];

static void put(uint64_t *at, unsigned long page, uint64_t seed)
{
	for (unsigned long i = 0; i < PAGE / 8; i += 64)
		at[page * PAGE / 8 + i] = seed * 1000003 + page * 512 + i;
}

static int has(uint64_t *at, unsigned long page, uint64_t seed)
{
	for (unsigned long i = 0; i < PAGE / 8; i += 64)
		if (at[page * PAGE / 8 + i] != seed * 1000003 + page * 512 + i)
			return 0;
	return 1;
}

/* A number of the mapping at an address, in kB. */
static long smaps(void *at, const char *field)
{
	char line[512], want[32], format[64];
	long value = -1;
	int found = 0;
	FILE *maps = fopen("/proc/self/smaps", "r");

	snprintf(want, sizeof(want), "%lx-", (unsigned long)at);
	snprintf(format, sizeof(format), "%s: %%ld kB", field);
	while (fgets(line, sizeof(line), maps)) {
		if (!strncmp(line, want, strlen(want)))
			found = 1;
		if (found && sscanf(line, format, &value) == 1)
			break;
	}
	fclose(maps);
	return value;
}

/* Whether the kernel was asked for huge pages, or for none: "hg" and "nh" of VmFlags. */
static int flagged(void *at, const char *flag)
{
	char line[512], want[32];
	int found = 0, result = 0;
	FILE *maps = fopen("/proc/self/smaps", "r");

	snprintf(want, sizeof(want), "%lx-", (unsigned long)at);
	while (fgets(line, sizeof(line), maps)) {
		if (!strncmp(line, want, strlen(want)))
			found = 1;
		if (found && !strncmp(line, "VmFlags:", 8)) {
			result = strstr(line, flag) != NULL;
			break;
		}
	}
	fclose(maps);
	return result;
}

static void verify(int signal)
{
	unsigned long i;

	CHECK(smaps(whole, "Rss") <= room[0] && smaps(sparse, "Rss") <= room[1] && smaps(odd, "Rss") <= room[2]);
	CHECK(!flagged(whole, " hg") && !flagged(whole, " nh") && !flagged(odd, " hg"));
	CHECK(flagged(plain, " nh") && smaps(plain, "AnonHugePages") == 0);
	for (i = 0; i < 48 * MIB / PAGE; i++)
		CHECK(has(whole, i, 1));
	for (i = 0; i < 80 * MIB / PAGE; i++)
		CHECK(i % 2 ? sparse[i * PAGE / 8] == 0 : has(sparse, i, 2));
	for (i = 0; i <= 7 * MIB / PAGE; i++)
		CHECK(has(odd, i, 3));
	for (i = 0; i < 8 * MIB / PAGE; i++)
		CHECK(has(plain, i, 4));
	for (i = 0; i < 4 * MIB / PAGE; i++)
		CHECK(has(reading, i, 6));
	CHECK(!mprotect(closed, 4 * MIB, PROT_READ));
	for (i = 0; i < 4 * MIB / PAGE; i++)
		CHECK(has(closed, i, 5));
	CHECK(!mprotect(closed, 4 * MIB, PROT_NONE));
	for (i = 0; i < SMALL; i++)
		CHECK(has(small[i], 0, 10 + i));
	say("ok\n");
}

static uint64_t *map(unsigned long bytes)
{
	/* Mappings with a gap between them stay mappings of their own. */
	char *at = mmap(0, bytes + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	munmap(at + bytes + PAGE, PAGE);
	munmap(at, PAGE);
	return mmap(at + PAGE, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

int main(void)
{
	unsigned long i;

	whole = map(48 * MIB);
	sparse = map(80 * MIB);
	odd = map(20 * MIB);
	plain = map(8 * MIB);
	closed = map(4 * MIB);
	reading = map(4 * MIB);
	madvise(plain, 8 * MIB, MADV_NOHUGEPAGE);
	for (i = 0; i < SMALL; i++) {
		small[i] = map(PAGE);
		put(small[i], 0, 10 + i);
	}
	for (i = 0; i < 48 * MIB / PAGE; i++)
		put(whole, i, 1);
	for (i = 0; i < 80 * MIB / PAGE; i += 2)
		put(sparse, i, 2);
	for (i = 0; i <= 7 * MIB / PAGE; i++)
		put(odd, i, 3);
	for (i = 0; i < 8 * MIB / PAGE; i++)
		put(plain, i, 4);
	for (i = 0; i < 4 * MIB / PAGE; i++) {
		put(closed, i, 5);
		put(reading, i, 6);
	}
	mprotect(closed, 4 * MIB, PROT_NONE);
	mprotect(reading, 4 * MIB, PROT_READ);
	room[0] = smaps(whole, "Rss");
	room[1] = smaps(sparse, "Rss");
	room[2] = smaps(odd, "Rss");
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
