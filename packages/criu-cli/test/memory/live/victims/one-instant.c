// Memory with a generation in every page, written in an order that an image of one instant has to show: each writer goes through
// its pages again and again, so that those before its place are of one generation and those behind it of the one before.
// Threads and a child have pages of their own, in memory of several kinds.
#include "../../../restore/victims/say.h"
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define WRITERS 4

struct writer {
	uint64_t *at;
	// The generation that is being written, and the next page that gets it; both in one word, for whoever looks at any instant.
	volatile uint64_t place;
	int pages;
};

static struct writer writers[WRITERS + 1];
static int pages = 1024;

static volatile sig_atomic_t asked;

static void ask(int sig)
{
	asked = 1;
}

static void write_page(struct writer *w, uint64_t generation, uint64_t page)
{
	uint64_t *p = w->at + page * 512;

	// First and last word: half a page shows, too.
	p[0] = generation << 32 | page;
	p[511] = generation << 32 | page;
}

static uint64_t step(struct writer *w)
{
	uint64_t generation = w->place >> 32, page = w->place & 0xffffffff;

	write_page(w, generation, page);
	if (++page == w->pages) {
		page = 0;
		generation++;
	}
	w->place = generation << 32 | page;
	return page;
}

static void *run(void *arg)
{
	struct writer *w = arg;

	for (;;) {
		step(w);
		if (asked)
			return NULL;
	}
}

// Called where the writer stands still: the page at its place may have been written already.
static int consistent(struct writer *w)
{
	uint64_t generation = w->place >> 32, place = w->place & 0xffffffff;

	for (uint64_t page = 0; page < w->pages; page++) {
		uint64_t *p = w->at + page * 512, newer = generation << 32 | page, older = (generation - 1) << 32 | page;

		if (page == place) {
			if ((p[0] != newer && p[0] != older) || (p[511] != newer && p[511] != older))
				return 0;
		} else if (p[0] != (page < place ? newer : older) || p[511] != p[0])
			return 0;
	}
	return 1;
}

static void prepare(struct writer *w, int flags, int fd)
{
	w->pages = pages;
	w->at = mmap(NULL, (size_t)pages * 4096, PROT_READ | PROT_WRITE, flags, fd, 0);
	w->place = 1ull << 32;
	for (int page = 0; page < pages; page++)
		write_page(w, 0, page);
}

// What the image has: threads have just been made again, or go on; each is at a place that it has noted.
static void look(int child_is_right)
{
	if (!child_is_right) {
		say("the pages of the child are of another instant\n");
		return;
	}
	for (int i = 0; i < WRITERS; i++)
		if (!consistent(&writers[i])) {
			char text[200];

			snprintf(text, sizeof(text), "writer %d is at %llx, its pages are of another instant\n", i,
				 (unsigned long long)writers[i].place);
			say(text);
			return;
		}
	say("ok\n");
}

int main(void)
{
	const char *mib = getenv("MIB");
	pthread_t threads[WRITERS];

	if (mib)
		pages = atoi(mib) * 256 / (WRITERS + 1);
	// Private, shared, and such as a fork does not have.
	prepare(&writers[0], MAP_PRIVATE | MAP_ANONYMOUS, -1);
	prepare(&writers[1], MAP_SHARED | MAP_ANONYMOUS, -1);
	prepare(&writers[2], MAP_PRIVATE | MAP_ANONYMOUS, -1);
	madvise(writers[2].at, (size_t)pages * 4096, MADV_DONTFORK);
	prepare(&writers[3], MAP_PRIVATE | MAP_ANONYMOUS, -1);
	madvise(writers[3].at, (size_t)pages * 4096, MADV_WIPEONFORK);
	prepare(&writers[4], MAP_PRIVATE | MAP_ANONYMOUS, -1);
	// 1: the child is to look at its own; 2, 3: it is right, wrong; 0: it goes on.
	volatile int *childs = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!fork()) {
		for (;;) {
			step(&writers[4]);
			if (*childs == 1) {
				*childs = consistent(&writers[4]) ? 2 : 3;
				while (*childs)
					usleep(100);
			}
		}
	}
	signal(SIGUSR1, ask);
	for (int i = 0; i < WRITERS; i++)
		pthread_create(&threads[i], NULL, run, &writers[i]);
	usleep(20000);
	say("ready\n");
	for (;;) {
		if (asked) {
			// No child is there that it does not know: what is left of who held its memory would be one.
			int status;
			pid_t stray = waitpid(-1, &status, WNOHANG);

			for (int i = 0; i < WRITERS; i++)
				pthread_join(threads[i], NULL);
			if (stray) {
				say("a child ended that is none\n");
			} else {
				*childs = 1;
				while (*childs == 1)
					usleep(100);
				look(*childs == 2);
				*childs = 0;
			}
			asked = 0;
			for (int i = 0; i < WRITERS; i++)
				pthread_create(&threads[i], NULL, run, &writers[i]);
		}
		usleep(500);
	}
}
