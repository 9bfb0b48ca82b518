// SPDX-License-Identifier: GPL-2.0-only
// Copies pages from a task or a file into a file without passing them through JavaScript: directly into the huge pages
// that prepareFile() has made, and otherwise through a buffer that stays in the processor's cache. docs/memory.md
// compares the alternatives.
#include "pages.h"
#include "prepared.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <memory>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

// Small enough for a second-level cache, and so large that the cost of the two system calls does not matter.
const uint64_t BATCH = 1 << 18;

// Pieces of memory that are adjacent in the file.
struct Batch {
	uint64_t offset;
	uint64_t len;
	size_t first, count; // indexes in `pieces`
};

struct Pump : criu::PageJob {
	pid_t pid; // 0: pages of the file `source`
	int source; // else /proc/PID/mem, or -1
	int fd;
	uint64_t base;
	bool lenient;
	std::shared_ptr<criu::HugePart> huge; // the beginning of the file in huge pages, or null
	std::vector<iovec> pieces;
	std::vector<Batch> batches;

	void add(uint64_t addr, uint64_t len)
	{
		while (len) {
			bool more = !batches.empty() && batches.back().len < BATCH && batches.back().count < IOV_MAX;

			if (!more) {
				uint64_t at = batches.empty() ? 0 : batches.back().offset + batches.back().len;

				batches.push_back({ at, 0, pieces.size(), 0 });
			}
			Batch &b = batches.back();
			uint64_t n = len < BATCH - b.len ? len : BATCH - b.len;

			pieces.push_back({ reinterpret_cast<void *>(addr), n });
			b.count++;
			b.len += n;
			addr += n;
			len -= n;
		}
	}

	// The last page of a file is zero-filled beyond the end of the file.
	int read_source(uint8_t *to, uint64_t offset, uint64_t len)
	{
		while (len) {
			ssize_t n = pread(source, to, len, static_cast<off_t>(offset));

			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0)
				return errno;
			if (!n) {
				memset(to, 0, len);
				return 0;
			}
			to += n;
			offset += static_cast<uint64_t>(n);
			len -= static_cast<uint64_t>(n);
		}
		return 0;
	}

	// Returns 0, or an errno with the address in *at.
	int read_batch(const Batch &b, uint8_t *to, uint64_t *at)
	{
		iovec local = { to, b.len };

		if (pid && source < 0) {
			ssize_t n = process_vm_readv(pid, &local, 1, &pieces[b.first], b.count, 0);

			if (n >= 0 && static_cast<uint64_t>(n) == b.len)
				return 0;
		}
		// Reads the pieces one by one: the task itself may not be allowed to read some of them.
		for (size_t i = b.first; i < b.first + b.count; i++) {
			uint64_t addr = reinterpret_cast<uint64_t>(pieces[i].iov_base);
			uint64_t len = pieces[i].iov_len;
			int e = pid ? criu::read_task(pid, source, to, addr, len, lenient) : read_source(to, addr, len);

			if (e) {
				*at = addr;
				return e;
			}
			to += len;
		}
		return 0;
	}

	// Returns the address of a batch in the mapped huge pages, or null if it lies outside of them and must be
	// written.
	uint8_t *place(const Batch &b) const
	{
		return huge && base + b.offset + b.len <= huge->bytes ? huge->at + base + b.offset : nullptr;
	}

	// At the end of a huge page it is unmapped, and so is the one before, which another thread may have used last.
	void used(const Batch &b)
	{
		uint64_t begin = (base + b.offset) / criu::HUGE, end = (base + b.offset + b.len) / criu::HUGE;

		if (begin < end)
			huge->forget((begin ? begin - 1 : 0) * criu::HUGE, (begin ? 2 : 1) * criu::HUGE);
	}

	// Some file systems accept O_DIRECT and then refuse the write with EINVAL: the flag is cleared and the write
	// repeated.
	int put(const uint8_t *data, const Batch &b)
	{
		int e = criu::write_full(fd, data, b.len, base + b.offset);
		int flags = e == EINVAL ? fcntl(fd, F_GETFL) : 0;

		if (flags <= 0 || !(flags & O_DIRECT) || fcntl(fd, F_SETFL, flags & ~O_DIRECT))
			return e;
		return criu::write_full(fd, data, b.len, base + b.offset);
	}

	void work()
	{
		// O_DIRECT needs page-aligned memory.
		std::unique_ptr<uint8_t, void (*)(void *)> buffer(nullptr, free);

		// The task is frozen meanwhile, so the thread asks for the highest priority. A refusal does no harm.
		setpriority(PRIO_PROCESS, 0, -20);
		for (;;) {
			size_t i = next++;

			if (i >= batches.size() || error)
				return;
			const Batch &b = batches[i];
			uint8_t *there = place(b);

			if (!there && !buffer)
				buffer.reset(static_cast<uint8_t *>(aligned_alloc(4096, BATCH)));
			if (!there && !buffer)
				return fail(ENOMEM, 0);
			uint64_t at = reinterpret_cast<uint64_t>(pieces[b.first].iov_base);
			int e = read_batch(b, there ? there : buffer.get(), &at);

			if (!e && !there)
				e = put(buffer.get(), b);
			if (there)
				used(b);
			if (e)
				fail(e, at);
			criu::moved += b.len;
		}
	}

	Napi::Value result(Napi::Env env) { return outcome(env); }
};

unsigned at_most(unsigned threads, uint64_t parts)
{
	return parts < threads ? (parts ? static_cast<unsigned>(parts) : 1) : threads;
}

// pumpToFile(pid or 0, source, ranges: BigUint64Array of (address, length), fd, offset, threads, lenient, huge of
// prepareFile())
Napi::Value to_file(const Napi::CallbackInfo &info)
{
	auto *job = new Pump;
	Napi::BigUint64Array list = info[2].As<Napi::BigUint64Array>();

	job->pid = info[0].As<Napi::Number>().Int32Value();
	job->source = info[1].As<Napi::Number>().Int32Value();
	job->fd = info[3].As<Napi::Number>().Int32Value();
	job->base = criu::to_u64(info[4], "offset");
	job->lenient = info[6].ToBoolean();
	job->huge = criu::huge_part(info[7]);
	for (size_t i = 0; i + 1 < list.ElementLength(); i += 2)
		job->add(list[i], list[i + 1]);
	return criu::in_background(info.Env(), job, at_most(info[5].As<Napi::Number>().Uint32Value(), job->batches.size()), info[2]);
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("movedBytes", Napi::Function::New(env, [](const Napi::CallbackInfo &info) -> Napi::Value {
		return Napi::Number::New(info.Env(), static_cast<double>(criu::moved.load()));
	}, "movedBytes"));
	exports.Set("pumpToFile", Napi::Function::New(env, to_file, "pumpToFile"));
});

} // namespace
