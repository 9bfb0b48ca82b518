/* SPDX-License-Identifier: GPL-2.0-only
 *
 * Fills memory or files with pages from other files. The calling task and its helper threads, which share its memory
 * and its descriptors, do the work in parallel.
 */
#include "agent.h"

/*
 * Default capacity of a pipe. A larger pipe is slower: its pages leave the near caches of the processor before they are
 * read.
 */
#define PIPE_SIZE (64ul << 10)
#define PAGE 4096ul
#define HUGE (2ul << 20)
#define MOST_HELPERS 8
#define MOST_HUGE (8ul << 20)
/* Pages that are populated in steps of this size are still in the second-level cache when pread64(2) fills them. */
#define MADE_AT_ONCE (512ul << 10)

/* The ways of getting memory: with small pages, or with huge pages. */
enum { SMALL, LARGE };

/*
 * What 2 MiB cost last, in ns of CPU time; 0 until measured. It differs from machine to machine, and changes on the same
 * machine: the host of a virtual machine may have reclaimed free memory, small pages and huge pages to different parts,
 * and what has just been freed is cheap.
 */
struct costs {
	uint64_t of[2];
	uint64_t step; /* bytes to make huge pages of at once; grows as long as they are cheap */
};

struct work {
	const struct agent_pages *list;
	const struct iovec *vectors;
	uint64_t count;
	uint64_t next;
	uint64_t huge; /* whether huge pages may be made */
	int copier;    /* a userfaultfd, or an errno */
	long error;
	struct costs reading, making; /* of memory that is made and read, and of memory that is only made */
};

/* Whoever is first measures small pages, the next one huge pages; meanwhile the others take small pages. */
static int cheaper(struct costs *costs)
{
	uint64_t small = __atomic_load_n(&costs->of[SMALL], __ATOMIC_RELAXED), unknown = 0;

	if (small && __atomic_compare_exchange_n(&costs->of[LARGE], &unknown, UINT64_MAX, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		return LARGE;
	return small && __atomic_load_n(&costs->of[LARGE], __ATOMIC_RELAXED) <= small ? LARGE : SMALL;
}

static void note(struct costs *costs, int which, uint64_t begin, uint64_t length)
{
	uint64_t cost = (now_ns(CLOCK_THREAD_CPUTIME_ID) - begin) / (length / HUGE);

	__atomic_store_n(&costs->of[which], cost ? cost : 1, __ATOMIC_RELAXED);
}

/* The next bytes to get in the given way, of those that are left. */
static uint64_t step(struct costs *costs, int which, uint64_t left)
{
	uint64_t most = which == LARGE ? __atomic_load_n(&costs->step, __ATOMIC_RELAXED) : HUGE;

	if (most > left)
		return left;
	/* Each MADV_COLLAPSE has all processors drain their lists of pages, so there should be few calls. */
	__atomic_store_n(&costs->step, which == LARGE && most < MOST_HUGE ? 2 * most : HUGE, __ATOMIC_RELAXED);
	return most;
}

/*
 * One populated page makes the kernel allocate the page table, which MADV_COLLAPSE then replaces by a huge page.
 * Failure to get a huge page is no error: the memory has the same contents and is only slower to fill.
 */
static void make_huge(uint64_t address, uint64_t length)
{
	for (uint64_t at = address; at < address + length; at += HUGE)
		if (failed(sys3(__NR_madvise, at, PAGE, MADV_POPULATE_WRITE)))
			return;
	sys3(__NR_madvise, address, length, MADV_COLLAPSE);
}

/* Makes huge pages for contents that come later, until they cost more than small ones would. */
static void collapse(struct costs *costs, const struct agent_pages *part)
{
	for (uint64_t at = 0, bytes; at < part->length; at += bytes) {
		int measured = __atomic_load_n(&costs->of[SMALL], __ATOMIC_RELAXED) != 0, which = cheaper(costs);
		uint64_t begin = now_ns(CLOCK_THREAD_CPUTIME_ID);

		if (which == SMALL && measured)
			return;
		bytes = step(costs, which, part->length - at);
		if (which == LARGE)
			make_huge(part->address + at, bytes);
		else
			sys3(__NR_madvise, part->address + at, bytes, MADV_POPULATE_WRITE);
		note(costs, which, begin, bytes);
	}
}

long agent_read(int fd, uint64_t address, uint64_t length, uint64_t offset)
{
	for (uint64_t done = 0; done < length;) {
		long r = sys4(__NR_pread64, fd, address + done, length - done, offset + done);

		if (r == -EINTR)
			continue;
		if (failed(r))
			return r;
		if (r == 0)
			return -EIO;
		done += r;
	}
	return 0;
}

static long read_range(const struct agent_pages *part, uint64_t done, uint64_t end)
{
	return agent_read(part->fd, part->address + done, end - done, part->offset + done);
}

/* Populates memory and reads it, piece by piece. Populating returns quickly where there are huge pages. */
static long populate_range(const struct agent_pages *part, uint64_t done, uint64_t end)
{
	long r = 0;

	for (uint64_t next; done < end && !r; done = next) {
		next = end - done < MADE_AT_ONCE ? end : done + MADE_AT_ONCE;
		sys3(__NR_madvise, part->address + done, next - done, MADV_POPULATE_WRITE);
		r = read_range(part, done, next);
	}
	return r;
}

/* Fills memory with small pages. */
static long fill_range(struct agent_copier *copier, const struct agent_pages *part, uint64_t done, uint64_t end)
{
	return populate_range(part, agent_copy_in(copier, part, done, end), end);
}

static long fill_huge(struct costs *costs, struct agent_copier *copier, const struct agent_pages *part)
{
	long r = 0;

	for (uint64_t at = 0, bytes; at < part->length && !r; at += bytes) {
		int which = cheaper(costs);
		uint64_t begin = now_ns(CLOCK_THREAD_CPUTIME_ID);

		bytes = step(costs, which, part->length - at);
		if (which == LARGE) {
			make_huge(part->address + at, bytes);
			r = populate_range(part, at, at + bytes);
		} else {
			r = fill_range(copier, part, at, at + bytes);
		}
		note(costs, which, begin, bytes);
	}
	return r;
}

/* preadv(2) takes at most IOV_MAX entries; the caller has to observe that. */
static long scatter(const struct agent_pages *part, const struct iovec *vectors)
{
	long wanted = 0, r;

	for (uint64_t i = 0; i < part->length; i++)
		wanted += vectors[part->address + i].iov_len;
	do
		r = sys4(__NR_preadv, part->fd, vectors + part->address, part->length, part->offset);
	while (r == -EINTR);
	if (failed(r))
		return r;
	return r == wanted ? 0 : -EIO;
}

/* A pipe that pages go through from one page cache to the other: of two files, each with an offset of its own. */
struct pipe {
	int ends[2];
	int there;
};

static long open_pipe(struct pipe *pipe)
{
	long r = pipe->there ? 0 : sys3(__NR_pipe2, pipe->ends, O_CLOEXEC, 0);

	if (!r)
		pipe->there = 1;
	return r;
}

static long copy_part(const struct agent_pages *part, struct pipe *pipe)
{
	uint64_t from = part->offset, to = part->address, end = part->address + part->length;
	long r = open_pipe(pipe);

	while (!r && to < end) {
		uint64_t most = end - to < PIPE_SIZE ? end - to : PIPE_SIZE;
		long held = sys6(__NR_splice, part->fd, (long)&from, pipe->ends[1], 0, most, 0);

		if (held == -EINTR)
			continue;
		if (held <= 0)
			return held ? held : -EIO;
		while (held) {
			r = sys6(__NR_splice, pipe->ends[0], 0, part->target, (long)&to, held, 0);
			if (r == -EINTR)
				continue;
			if (r <= 0)
				return r ? r : -EIO;
			held -= r;
		}
		r = 0;
	}
	return r;
}

static void take_part(struct work *work)
{
	struct agent_copier copier = { .fd = work->copier };
	struct pipe pipe = { .there = 0 };
	uint64_t i;

	while ((i = __atomic_fetch_add(&work->next, 1, __ATOMIC_RELAXED)) < work->count) {
		const struct agent_pages *part = &work->list[i];
		long r = 0;

		if (__atomic_load_n(&work->error, __ATOMIC_RELAXED))
			break;
		switch (part->how) {
		case AGENT_PAGES_READ:
			r = read_range(part, 0, part->length);
			break;
		case AGENT_PAGES_POPULATE:
			r = fill_range(&copier, part, 0, part->length);
			break;
		case AGENT_PAGES_COLLAPSE:
			if (work->huge)
				collapse(&work->making, part);
			break;
		case AGENT_PAGES_HUGE:
			r = work->huge ? fill_huge(&work->reading, &copier, part) : fill_range(&copier, part, 0, part->length);
			break;
		case AGENT_PAGES_FILE:
			r = copy_part(part, &pipe);
			break;
		case AGENT_PAGES_SCATTER:
			r = scatter(part, work->vectors);
			break;
		}
		if (r)
			__atomic_store_n(&work->error, r, __ATOMIC_RELAXED);
	}
	agent_close_copier(&copier);
	for (int end = 0; pipe.there && end < 2; end++)
		sys3(__NR_close, pipe.ends[end], 0, 0);
}

static void help(struct work *work)
{
	/* The helper dies with the task. */
	sys3(__NR_prctl, PR_SET_PDEATHSIG, SIGKILL, 0);
	take_part(work);
}

/* Whether small pages are made for parts of the list. */
static int makes_pages(const struct agent_pages *list, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		if (list[i].how == AGENT_PAGES_POPULATE || list[i].how == AGENT_PAGES_HUGE)
			return 1;
	return 0;
}

/* Processors that this task may use. */
static uint64_t processors(void)
{
	uint64_t mask[128], n = 0;
	long bytes = sys3(__NR_sched_getaffinity, 0, sizeof(mask), mask);

	for (long i = 0; i < bytes / 8; i++)
		for (uint64_t word = mask[i]; word; word &= word - 1)
			n++;
	return n;
}

long agent_pages(const struct agent_pages *list, uint64_t count, uint64_t helpers, uint64_t stacks, uint64_t huge,
		 const struct iovec *vectors)
{
	struct work work = { .list = list, .vectors = vectors, .count = count, .huge = huge, .reading.step = HUGE, .making.step = HUGE };
	long pids[MOST_HELPERS];
	uint64_t n = processors();

	work.copier = makes_pages(list, count) ? agent_open_copier() : -ENOENT;
	if (helpers > MOST_HELPERS)
		helpers = MOST_HELPERS;
	if (helpers >= n)
		helpers = n ? n - 1 : 0;
	if (helpers >= count)
		helpers = count ? count - 1 : 0;
	for (n = 0; n < helpers; n++) {
		struct clone_args args = {
			.flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND,
			.stack = stacks + n * AGENT_HELPER_STACK,
			.stack_size = AGENT_HELPER_STACK,
		};

		/* Fewer helpers only make the work slower. */
		pids[n] = agent_clone3_call((uint64_t)&args, CLONE_ARGS_SIZE_VER0, help, &work);
		if (failed(pids[n]))
			break;
	}
	take_part(&work);
	while (n) {
		long r = sys4(__NR_wait4, pids[n - 1], 0, __WALL, 0);

		if (r != -EINTR)
			n--;
	}
	if (work.copier >= 0)
		sys3(__NR_close, work.copier, 0, 0);
	return work.error;
}
