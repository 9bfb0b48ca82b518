/* SPDX-License-Identifier: GPL-2.0-only
 *
 * Creates pages of private anonymous memory together with their contents (UFFDIO_COPY). This takes two thirds of the time
 * of populating and reading them: the kernel neither zeroes them before nor walks the page tables for a fault of each.
 */
#include "agent.h"

#define PAGE 4096ul
/* The buffer stays in the second-level cache. It is so small that creating it costs nothing. */
#define BUFFER (64ul << 10)
/* For less, registering the memory takes longer than what is gained. */
#define LEAST (256ul << 10)

long agent_open_copier(void)
{
	/*
	 * The kernel fails system calls that touch missing pages of registered memory, instead of waiting for a handler
	 * (UFFD_USER_MODE_ONLY); this flag also makes the call possible without privileges.
	 */
	long fd = sys3(__NR_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY, 0, 0);
	struct uffdio_api api = { .api = UFFD_API };
	long r = failed(fd) ? fd : sys3(__NR_ioctl, fd, UFFDIO_API, &api);

	if (!failed(fd) && failed(r))
		sys3(__NR_close, fd, 0, 0);
	return failed(r) ? r : fd;
}

static void *buffer_of(struct agent_copier *copier)
{
	long at = (long)copier->buffer;

	if (!at)
		at = sys6(__NR_mmap, 0, BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (failed(at))
		return NULL;
	copier->buffer = (void *)at;
	return copier->buffer;
}

void agent_close_copier(struct agent_copier *copier)
{
	if (copier->buffer)
		sys3(__NR_munmap, copier->buffer, BUFFER, 0);
	copier->buffer = NULL;
}

/* Returns the bytes that were copied. */
static uint64_t copy(int fd, uint64_t address, const void *from, uint64_t length)
{
	uint64_t done = 0;

	while (done < length) {
		struct uffdio_copy args = {
			.dst = address + done,
			.src = (uint64_t)from + done,
			.len = length - done,
		};
		long r = sys3(__NR_ioctl, fd, UFFDIO_COPY, &args);

		if (args.copy > 0)
			done += args.copy;
		else if (failed(r) && r != -EAGAIN)
			break;
	}
	return done;
}

uint64_t agent_copy_in(struct agent_copier *copier, const struct agent_pages *part, uint64_t begin, uint64_t end)
{
	struct uffdio_register memory = {
		.range = { part->address + begin, end - begin },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	uint64_t done = begin, copied, wanted;
	char *buffer;

	if (copier->fd < 0 || end - begin < LEAST || !(buffer = buffer_of(copier)))
		return begin;
	/*
	 * Registering a part of a mapping splits it. The kernel joins the parts again only if the mapping had a page
	 * before, since each part gets an anon_vma of its own otherwise.
	 */
	if (failed(sys3(__NR_madvise, memory.range.start, PAGE, MADV_POPULATE_WRITE)) ||
	    agent_read(part->fd, memory.range.start, PAGE, part->offset + begin))
		return begin;
	done += PAGE;
	if (failed(sys3(__NR_ioctl, copier->fd, UFFDIO_REGISTER, &memory)))
		return done;
	do {
		wanted = end - done < BUFFER ? end - done : BUFFER;
		if (agent_read(part->fd, (uint64_t)buffer, wanted, part->offset + done))
			break;
		copied = copy(copier->fd, part->address + done, buffer, wanted);
		done += copied;
	} while (copied == wanted && done < end);
	sys3(__NR_ioctl, copier->fd, UFFDIO_UNREGISTER, &memory.range);
	return done;
}
