// Huge pages: private and shared memory, memory that sets none aside, and a memfd with a hole and seals.
#include "../../restore/victims/say.h"
#include <sys/mman.h>

#define HUGE (2UL << 20)
#ifndef MFD_HUGETLB
#define MFD_HUGETLB 4
#endif

static unsigned char *own, *shared, *loose, *file, *copy;
static int fd;

/* As the kernel says, in kB. */
static long page_size(void *at)
{
	char line[512], want[32];
	long size = 0;
	int found = 0;
	FILE *maps = fopen("/proc/self/smaps", "r");

	snprintf(want, sizeof(want), "%lx-", (unsigned long)at);
	while (fgets(line, sizeof(line), maps)) {
		if (!strncmp(line, want, strlen(want)))
			found = 1;
		if (found && sscanf(line, "KernelPageSize: %ld kB", &size) == 1)
			break;
	}
	fclose(maps);
	return size;
}

static int filled(unsigned char *at, unsigned char seed)
{
	for (unsigned long i = 0; i < HUGE; i += 4096)
		if (at[i] != (unsigned char)(seed + i / 4096) || at[i + 4095] != seed)
			return 0;
	return 1;
}

static void fill(unsigned char *at, unsigned char seed)
{
	for (unsigned long i = 0; i < HUGE; i += 4096) {
		at[i] = seed + i / 4096;
		at[i + 4095] = seed;
	}
}

static void verify(int signal)
{
	unsigned char *regions[] = { own, shared, loose, file, copy };

	for (int i = 0; i < 5; i++)
		CHECK(page_size(regions[i]) == 2048);
	CHECK(filled(own, 1) && own[HUGE] == 0);
	CHECK(filled(shared + HUGE, 2) && shared[0] == 0);
	CHECK(filled(loose, 3));
	CHECK(filled(file, 4) && filled(file + 2 * HUGE, 5));
	CHECK(filled(copy, 6) && filled(copy + 2 * HUGE, 5));
	CHECK((fcntl(fd, F_GET_SEALS) & F_SEAL_GROW) && lseek(fd, 0, SEEK_END) == 3 * HUGE);
	fill(own + HUGE, 7);
	CHECK(filled(own + HUGE, 7));
	memset(own + HUGE, 0, HUGE);
	say("ok\n");
}

int main(void)
{
	int prot = PROT_READ | PROT_WRITE;

	own = mmap(0, 2 * HUGE, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	shared = mmap(0, 2 * HUGE, prot, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	loose = mmap(0, 2 * HUGE, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, -1, 0);
	fd = syscall(319, "huge", MFD_HUGETLB | 2 /* MFD_ALLOW_SEALING */);
	ftruncate(fd, 3 * HUGE);
	file = mmap(0, 3 * HUGE, prot, MAP_SHARED, fd, 0);
	copy = mmap(0, 3 * HUGE, prot, MAP_PRIVATE, fd, 0);
	fcntl(fd, F_ADD_SEALS, F_SEAL_GROW);
	fill(own, 1);
	fill(shared + HUGE, 2);
	fill(loose, 3);
	fill(file, 4);
	fill(file + 2 * HUGE, 5);
	fill(copy, 6);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
