// Files of memory whose size is no multiple of a page, one of them sealed and mapped, and an eventfd that counts down.
#include "../../restore/victims/say.h"
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>

static int small, empty, longer, sealed, semaphore;
static char *mapped;
static int has_xattr;

static off_t size(int fd)
{
	struct stat status;

	return fstat(fd, &status) ? -1 : status.st_size;
}

// Kernels from 6.5 tell how an eventfd counts.
static int told(void)
{
	char path[64], text[512] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", semaphore);
	fd = open(path, O_RDONLY);
	read(fd, text, sizeof(text) - 1);
	close(fd);
	return strstr(text, "eventfd-semaphore") != 0;
}

static void verify(int sig)
{
	char room[8192] = "";
	uint64_t count = 0;
	struct stat status;

	CHECK(size(small) == 3 && pread(small, room, sizeof(room), 0) == 3 && !strcmp(room, "abc"));
	CHECK(size(empty) == 5);
	CHECK(size(longer) == 4097 && pread(longer, room, 1, 4096) == 1 && room[0] == 'z');
	CHECK(fstat(empty, &status) == 0 && status.st_atim.tv_sec == -5 && status.st_atim.tv_nsec == 7);
	CHECK(status.st_mtim.tv_sec == 1000000000 && status.st_mtim.tv_nsec == 999999999);
	CHECK(!has_xattr || (fgetxattr(empty, "user.kind", room + 100, 100) == 3 && !memcmp(room + 100, "a\0b", 3)));
	CHECK(size(sealed) == 6 && !strcmp(mapped, "sealed"));
	CHECK(fcntl(sealed, F_GET_SEALS) == (F_SEAL_WRITE | F_SEAL_GROW) && write(sealed, "x", 1) < 0);
	CHECK(mprotect(mapped, 4096, PROT_READ | PROT_WRITE) < 0);
	CHECK(read(semaphore, &count, sizeof(count)) == sizeof(count) && (count == 1 || !told()));
	CHECK(write(semaphore, &count, sizeof(count)) == sizeof(count));
	say("ok\n");
}

static int memory(const char *name, const char *text)
{
	int fd = memfd_create(name, MFD_ALLOW_SEALING);

	write(fd, text, strlen(text));
	return fd;
}

int main(void)
{
	struct sigaction action = { .sa_handler = verify };
	struct timespec times[] = { { -5, 7 }, { 1000000000, 999999999 } };

	small = memory("small", "abc");
	empty = memory("empty", "");
	ftruncate(empty, 5);
	/* From Linux 6.6 on. */
	has_xattr = fsetxattr(empty, "user.kind", "a\0b", 3, 0) == 0;
	futimens(empty, times);
	longer = memory("longer", "");
	pwrite(longer, "z", 1, 4096);
	sealed = memory("sealed", "sealed");
	fcntl(sealed, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW);
	mapped = mmap(0, 4096, PROT_READ, MAP_SHARED, sealed, 0);
	semaphore = eventfd(3, EFD_SEMAPHORE);
	if (mapped == MAP_FAILED) {
		// Before Linux 6.7, what is sealed cannot be mapped shared.
		mapped = mmap(0, 4096, PROT_READ, MAP_PRIVATE, sealed, 0);
	}
	sigaction(SIGUSR1, &action, 0);
	say("ready\n");
	for (;;)
		pause();
}
