// Memory that a parent, its children and a grandchild share until one of them writes: the same page frames, as the kernel
// shows them to root, or the same contents in frames of one's own.
#include "../../restore/victims/say.h"
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define PAGE 4096UL
#define COUNT 256UL

static unsigned char *own, *file, *late, *heap;
static pid_t child, other, grandchild;
static int to_grandparent[2];

static uint64_t frame(pid_t pid, void *at)
{
	char path[64];
	uint64_t word = 0;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	int fd = open(path, O_RDONLY);
	pread(fd, &word, 8, (unsigned long)at / PAGE * 8);
	close(fd);
	return word & ((1ULL << 55) - 1);
}

static unsigned char byte_of(pid_t pid, void *at)
{
	char path[64];
	unsigned char byte = 0;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	int fd = open(path, O_RDONLY);
	pread(fd, &byte, 1, (off_t)(unsigned long)at);
	close(fd);
	return byte;
}

/* Pages with an index that is a multiple of 8 are written by the child, of 8 plus 1 by the grandchild, plus 2 by the parent,
 * plus 3 dropped by the child; all others are shared by all. */
static void verify(int signal)
{
	for (unsigned long i = 0; i < COUNT; i++) {
		for (int region = 0; region < 2; region++) {
			unsigned char *at = (region ? file : own) + i * PAGE;
			unsigned char was = 1 + i % 200;

			CHECK(at[0] == (unsigned char)(i % 8 == 2 ? was + 3 : was));
			if (i % 8 == 3 && !region)
				CHECK(byte_of(child, at) == 0);
			else
				CHECK(byte_of(child, at) == (unsigned char)(i % 8 == 0 ? was + 1 : was));
			CHECK(byte_of(other, at) == was);
			if (i % 8 != 1)
				CHECK(byte_of(grandchild, at) == byte_of(child, at));
			if (i % 8 > 3) {
				CHECK(frame(getpid(), at) != 0);
				CHECK(frame(child, at) == frame(getpid(), at));
				CHECK(frame(other, at) == frame(getpid(), at));
				CHECK(frame(grandchild, at) == frame(getpid(), at));
			}
			if (i % 8 == 0) {
				CHECK(frame(child, at) != frame(getpid(), at));
				CHECK(frame(grandchild, at) == frame(child, at));
			}
			if (i % 8 == 1)
				CHECK(byte_of(grandchild, at) == (unsigned char)(was + 2) && frame(child, at) == frame(getpid(), at));
		}
		/* The child has made it, the grandchild has it from there. */
		CHECK(byte_of(child, late + i * PAGE) == 77 && frame(child, late + i * PAGE) == frame(grandchild, late + i * PAGE));
		CHECK(late[i * PAGE] == 11);
		CHECK(byte_of(child, heap + i * PAGE) == 5 && frame(child, heap + i * PAGE) == frame(grandchild, heap + i * PAGE));
	}
	say("ok\n");
}

static void write_to(unsigned long rest, int add)
{
	for (unsigned long i = rest; i < COUNT; i += 8) {
		own[i * PAGE] += add;
		file[i * PAGE] += add;
	}
}

int main(void)
{
	int fd = open(getenv("GHOST"), O_RDWR | O_CREAT, 0600), ready[2];
	char c;

	pipe(ready);
	pipe(to_grandparent);
	ftruncate(fd, COUNT * PAGE);
	own = mmap(0, COUNT * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	file = mmap(0, COUNT * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	late = mmap(0, COUNT * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* A frame of its own for each, and none that is larger. */
	madvise(own, COUNT * PAGE, MADV_NOHUGEPAGE);
	madvise(late, COUNT * PAGE, MADV_NOHUGEPAGE);
	for (unsigned long i = 0; i < COUNT; i++) {
		own[i * PAGE] = file[i * PAGE] = 1 + i % 200;
		late[i * PAGE] = 11;
	}
	heap = (unsigned char *)(((unsigned long)sbrk(0) + PAGE - 1) / PAGE * PAGE);
	if (!(child = fork())) {
		write_to(0, 1);
		for (unsigned long i = 3; i < COUNT; i += 8)
			madvise(own + i * PAGE, PAGE, MADV_DONTNEED);
		for (unsigned long i = 0; i < COUNT; i++)
			late[i * PAGE] = 77;
		/* Below all that the parent has. */
		brk(heap + COUNT * PAGE);
		for (unsigned long i = 0; i < COUNT; i++)
			heap[i * PAGE] = 5;
		if (!(grandchild = fork())) {
			write_to(1, 2);
			write(ready[1], "g", 1);
			for (;;)
				pause();
		}
		write(to_grandparent[1], &grandchild, sizeof(grandchild));
		for (;;)
			pause();
	}
	read(to_grandparent[0], &grandchild, sizeof(grandchild));
	read(ready[0], &c, 1);
	if (!(other = fork())) {
		write(ready[1], "o", 1);
		for (;;)
			pause();
	}
	read(ready[0], &c, 1);
	write_to(2, 3);
	close(fd);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
