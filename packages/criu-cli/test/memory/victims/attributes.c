// Mappings with all that can be asked for: advice, locks of both kinds, seals, names, and guard regions wherever they can
// be. What smaps says of them, and which pages can be touched, is as it was.
#include "../../restore/victims/say.h"
#include <setjmp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define PAGE 4096L
#define PAGES 16
#define GUARD 102
#define DROPPABLE 8
#define NAME(p, name) prctl(0x53564d41, 0, p, PAGES * PAGE, name)
#define MLOCK2(p, flags) syscall(325, p, PAGES * PAGE, flags)
#define MSEAL(p) syscall(462, p, PAGES * PAGE, 0)
#define MOST 40

// A region of PAGES pages with a gap behind.
static struct region {
	char *at, flags[200], name[80];
	uint32_t untouchable;
	unsigned long policy, nodes;
} regions[MOST];
static int count;
static sigjmp_buf after;

static void on_fault(int signal)
{
	siglongjmp(after, 1);
}

static int touches(volatile char *p)
{
	if (sigsetjmp(after, 1))
		return 0;
	(void)*p;
	return 1;
}

static char *map(int flags, int fd)
{
	char *room = mmap(0, (PAGES + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *at = mmap(room + PAGE, PAGES * PAGE, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0);

	if (at == MAP_FAILED)
		return 0;
	munmap(room, PAGE);
	munmap(room + (PAGES + 1) * PAGE, PAGE);
	regions[count++].at = at;
	return at;
}

/* Where the kernel takes its pages from on a machine of several NUMA nodes. */
static void from_node(char *p, unsigned long mode)
{
	unsigned long node = 1;

	syscall(SYS_mbind, p, PAGES * PAGE, mode, mode == 4 ? 0 : &node, 64, 0);
}

static char *private(void)
{
	char *p = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);

	memset(p, count, PAGES * PAGE);
	return p;
}

// What smaps says of an address: flags, less the marks of what was written, and the name in brackets.
static void look(struct region *r)
{
	FILE *smaps = fopen("/proc/self/smaps", "r");
	char line[512], *sd;
	unsigned long start, end;
	int inside = 0, i;

	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2 && strchr(line, '-') < strchr(line, ' ')) {
			inside = (unsigned long)r->at >= start && (unsigned long)r->at < end;
			if (inside)
				snprintf(r->name, sizeof(r->name), "%.60s", strchr(line, '[') ?: "\n");
		}
		if (inside && !strncmp(line, "VmFlags:", 8))
			snprintf(r->flags, sizeof(r->flags), "%s", line + 9);
	}
	fclose(smaps);
	sd = strstr(r->flags, "sd ");
	if (sd)
		memmove(sd, sd + 3, strlen(sd + 3) + 1);
	r->policy = r->nodes = 0;
	syscall(SYS_get_mempolicy, &r->policy, &r->nodes, 64, r->at, 2 /* MPOL_F_ADDR */);
	r->untouchable = 0;
	for (i = 0; i < PAGES; i++)
		if (!touches(r->at + i * PAGE))
			r->untouchable |= 1u << i;
}

static void verify(int signal)
{
	char text[600];
	int i;

	for (i = 0; i < count; i++) {
		struct region now = { .at = regions[i].at };

		look(&now);
		if (!strcmp(now.flags, regions[i].flags) && !strcmp(now.name, regions[i].name) &&
		    now.untouchable == regions[i].untouchable && now.policy == regions[i].policy &&
		    now.nodes == regions[i].nodes)
			continue;
		snprintf(text, sizeof(text), "region %d: was %s%s%x policy %lx, is %s%s%x policy %lx\n", i,
			 regions[i].flags, regions[i].name, regions[i].untouchable, regions[i].policy, now.flags, now.name,
			 now.untouchable, now.policy);
		say(text);
		return;
	}
	say("ok\n");
}

int main(void)
{
	static const int advices[] = { MADV_RANDOM, MADV_SEQUENTIAL, MADV_DONTFORK, MADV_MERGEABLE, MADV_HUGEPAGE,
				       MADV_NOHUGEPAGE, MADV_DONTDUMP, MADV_WIPEONFORK };
	int memfd = memfd_create("shared", 0), file = open(getenv("GHOST"), O_RDWR | O_CREAT, 0600), i;
	struct sigaction fault = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	char *p;

	sigaction(SIGSEGV, &fault, 0);
	sigaction(SIGBUS, &fault, 0);
	ftruncate(memfd, PAGES * PAGE);
	ftruncate(file, PAGES * PAGE);
	// MPOL_BIND, MPOL_INTERLEAVE with MPOL_F_STATIC_NODES, MPOL_LOCAL.
	from_node(private(), 2);
	from_node(private(), 3 | 1 << 15);
	from_node(map(MAP_SHARED, memfd), 2);
	from_node(map(MAP_SHARED | MAP_ANONYMOUS, -1), 4);
	for (i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
		madvise(private(), PAGES * PAGE, advices[i]);

	mlock(private(), PAGES * PAGE);
	MLOCK2(private(), MLOCK_ONFAULT);
	MLOCK2(map(MAP_SHARED | MAP_ANONYMOUS, -1), MLOCK_ONFAULT);
	// Locked memory that cannot be brought in: no access, and behind the end of a file.
	p = private();
	mprotect(p, PAGES * PAGE, PROT_NONE);
	mlock(p, PAGES * PAGE);
	p = map(MAP_SHARED, file);
	mmap(p, PAGES * PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, file, 8 * PAGE);
	mlock(p, PAGES * PAGE);

	MSEAL(private());
	p = private();
	mprotect(p, PAGES * PAGE, PROT_READ);
	MSEAL(p);
	NAME(private(), "private memory");
	NAME(map(MAP_SHARED | MAP_ANONYMOUS, -1), "shared");

	// Guards: in each kind of mapping, over several mappings, before a lock, in a stack, under a seal.
	madvise(private() + 3 * PAGE, 2 * PAGE, GUARD);
	madvise(map(MAP_SHARED | MAP_ANONYMOUS, -1) + 3 * PAGE, 2 * PAGE, GUARD);
	madvise(map(MAP_SHARED, memfd) + 3 * PAGE, 2 * PAGE, GUARD);
	madvise(map(MAP_SHARED, memfd) + 5 * PAGE, 1 * PAGE, GUARD);
	madvise(map(MAP_PRIVATE, memfd) + 3 * PAGE, 2 * PAGE, GUARD);
	madvise(map(MAP_SHARED, file), PAGES * PAGE, GUARD);
	madvise(map(MAP_PRIVATE, file) + 15 * PAGE, 1 * PAGE, GUARD);
	if (map(DROPPABLE | MAP_ANONYMOUS, -1))
		madvise(regions[count - 1].at + 3 * PAGE, 2 * PAGE, GUARD);
	p = private();
	mprotect(p + 4 * PAGE, 4 * PAGE, PROT_READ);
	mmap(p + 8 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	madvise(p + 3 * PAGE, 7 * PAGE, GUARD);
	p = private();
	madvise(p + 3 * PAGE, 2 * PAGE, GUARD);
	mlock(p, PAGES * PAGE);
	p = map(MAP_SHARED | MAP_ANONYMOUS, -1);
	madvise(p + 3 * PAGE, 2 * PAGE, GUARD);
	MLOCK2(p, MLOCK_ONFAULT);
	p = map(MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_STACK, -1);
	madvise(p + PAGE, PAGE, GUARD);
	p = private();
	madvise(p + 3 * PAGE, 2 * PAGE, GUARD);
	MSEAL(p);

	for (i = 0; i < count; i++)
		look(&regions[i]);
	// Looking has brought pages in, which is to be so the next time too.
	for (i = 0; i < count; i++)
		look(&regions[i]);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
