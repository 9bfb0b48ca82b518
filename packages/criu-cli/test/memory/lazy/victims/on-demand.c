// Memory that is read, written, copied by forks, discarded, moved and unmapped, by several threads, each with a model of what is
// in its own pages. `STEPS`: how many of these a thread does each time it is asked.
#include "../../../restore/victims/say.h"
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define THREADS 3
#define WORDS 512

struct region {
	uint64_t *at;
	uint32_t *model; // by page: 0 is a page of zeros
	int pages;
	uint64_t salt;
	unsigned seed;
};

static struct region regions[THREADS];
static volatile sig_atomic_t asked;
static int steps = 40;
static pthread_barrier_t begin, end;

static void ask(int sig)
{
	asked = 1;
}

static uint64_t word(struct region *r, int page, int i)
{
	return r->model[page] ? (r->salt + page) * 0x9e3779b97f4a7c15ull + r->model[page] * 1000003ull + i : 0;
}

static uint64_t *page_of(struct region *r, int page)
{
	return r->at + (uint64_t)page * WORDS;
}

static void fill(struct region *r, int page)
{
	for (int i = 0; i < WORDS; i++)
		page_of(r, page)[i] = word(r, page, i);
}

static int right(struct region *r, int page)
{
	for (int i = 0; i < WORDS; i++)
		if (page_of(r, page)[i] != word(r, page, i))
			return 0;
	return 1;
}

static void wrong(struct region *r, int page, const char *when)
{
	char text[200];
	uint64_t *p = page_of(r, page);

	snprintf(text, sizeof(text), "%s: page %d of region %d is %llx, not %llx\n", when, page, (int)(r - regions),
		 (unsigned long long)p[0], (unsigned long long)word(r, page, 0));
	say(text);
	_exit(9);
}

static void all(struct region *r, const char *when)
{
	for (int page = 0; page < r->pages; page++)
		if (!right(r, page))
			wrong(r, page, when);
}

// Pages to another place, page by page: one call moves no more than one mapping, and there may be many.
static void relocate(char *from, char *to, int count)
{
	for (int i = 0; i < count; i++)
		CHECK(mremap(from + 4096ul * i, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, to + 4096ul * i) == (void *)(to + 4096ul * i));
}

static void move(struct region *r, int from, int count)
{
	uint64_t bytes = (uint64_t)r->pages * 4096;
	char *to = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (from < 0) {
		relocate((char *)r->at, to, r->pages);
		r->at = (uint64_t *)to;
		return;
	}
	// Out and back again.
	relocate((char *)page_of(r, from), to, count);
	relocate(to, (char *)page_of(r, from), count);
	munmap(to + 4096ul * count, bytes - 4096ul * count);
}

static void step(struct region *r)
{
	int page = rand_r(&r->seed) % r->pages, count = 1 + rand_r(&r->seed) % 64;

	if (page + count > r->pages)
		count = r->pages - page;
	switch (rand_r(&r->seed) % 13) {
	case 0:
		for (int i = page; i < page + count; i++)
			r->model[i] = 0;
		CHECK(!madvise(page_of(r, page), (size_t)count * 4096, MADV_DONTNEED));
		break;
	case 1: {
		pid_t pid = fork();

		if (!pid) {
			// Has all of it, as it was, and changes what its parent must not see.
			all(r, "in a child");
			r->model[page] += 7;
			fill(r, page);
			all(r, "in a child that has written");
			_exit(0);
		}
		r->model[page]++;
		fill(r, page);
		int status = -1;
		CHECK(waitpid(pid, &status, 0) == pid);
		if (status)
			_exit(8);
		break;
	}
	case 2:
		move(r, page, count);
		break;
	case 3:
		if (rand_r(&r->seed) % 4 == 0)
			move(r, -1, 0);
		break;
	case 4: {
		// New memory in the middle.
		for (int i = page; i < page + count; i++)
			r->model[i] = 0;
		CHECK(mmap(page_of(r, page), (size_t)count * 4096, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == (void *)page_of(r, page));
		break;
	}
	case 12:
		// Guards instead of contents (Linux 6.13). No event tells of them: what is there when they go is not looked at, see guards.c for
		// what is there before.
		if (madvise(page_of(r, page), (size_t)count * 4096, 102))
			break;
		usleep(200 * (rand_r(&r->seed) % 20));
		CHECK(!madvise(page_of(r, page), (size_t)count * 4096, 103));
		for (int i = page; i < page + count; i++) {
			r->model[i]++;
			fill(r, i);
		}
		break;
	case 5:
		CHECK(!mprotect(page_of(r, page), (size_t)count * 4096, PROT_READ));
		if (!right(r, page))
			wrong(r, page, "read-only");
		CHECK(!mprotect(page_of(r, page), (size_t)count * 4096, PROT_READ | PROT_WRITE));
		break;
	case 6: {
		// The kernel reads and writes it.
		int fds[2];

		if (pipe(fds))
			_exit(7);
		CHECK(write(fds[1], page_of(r, page), 4096) == 4096);
		r->model[page] = 0;
		memset(page_of(r, page), 0, 8);
		CHECK(read(fds[0], page_of(r, page), 4096) == 4096);
		close(fds[0]);
		close(fds[1]);
		fill(r, page);
		break;
	}
	default:
		if (!right(r, page))
			wrong(r, page, "read");
		r->model[page]++;
		fill(r, page);
	}
}

static void *work(void *arg)
{
	struct region *r = arg;

	for (;;) {
		pthread_barrier_wait(&begin);
		for (int i = 0; i < steps; i++)
			step(r);
		all(r, "at the end");
		pthread_barrier_wait(&end);
	}
}

int main(void)
{
	const char *mib = getenv("MIB"), *many = getenv("STEPS");
	int pages = (mib ? atoi(mib) : 24) * 256 / THREADS;

	if (many)
		steps = atoi(many);
	pthread_barrier_init(&begin, NULL, THREADS + 1);
	pthread_barrier_init(&end, NULL, THREADS + 1);
	for (int t = 0; t < THREADS; t++) {
		struct region *r = &regions[t];
		pthread_t id;

		r->pages = pages;
		r->salt = t * 1000000;
		r->seed = t + 1;
		r->at = mmap(NULL, (size_t)pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		r->model = malloc(pages * sizeof(r->model[0]));
		for (int page = 0; page < pages; page++) {
			// Some were never touched.
			r->model[page] = page % 5 ? 1 : 0;
			if (r->model[page])
				fill(r, page);
		}
		pthread_create(&id, NULL, work, r);
	}
	signal(SIGUSR1, ask);
	say("ready\n");
	for (;;) {
		if (asked) {
			asked = 0;
			pthread_barrier_wait(&begin);
			pthread_barrier_wait(&end);
			say("ok\n");
		}
		usleep(1000);
	}
}
