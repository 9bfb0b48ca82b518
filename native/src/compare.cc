// SPDX-License-Identifier: GPL-2.0-only
// Compares pages of a task, or of a file, with pages of image files, in several threads.
#include "pages.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

namespace {

const uint64_t PAGE = 4096;
// The buffers of both sides together fit into a second-level cache.
const uint64_t PIECE = 1 << 17;

struct Piece {
	uint64_t addr;
	uint64_t len;
	int fd;
	uint64_t offset;
	uint64_t page; // index of the first page among all compared pages
};

struct Compare : criu::PageJob {
	pid_t pid; // 0: compares pages of the file `source`
	int source;
	std::vector<Piece> pieces;
	std::vector<uint8_t> same;

	int read_source(uint8_t *to, const Piece &p)
	{
		if (pid)
			return criu::read_task(pid, source, to, p.addr, p.len);
		for (uint64_t done = 0; done < p.len;) {
			ssize_t n = pread(source, to + done, p.len - done, static_cast<off_t>(p.addr + done));

			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0)
				return errno;
			// The last page of a file is zero-filled beyond the end of the file.
			if (!n) {
				memset(to + done, 0, p.len - done);
				break;
			}
			done += static_cast<uint64_t>(n);
		}
		return 0;
	}

	void work()
	{
		std::vector<uint8_t> mine, theirs;

		// The task is frozen meanwhile, so the thread asks for the highest priority. A refusal does no harm.
		setpriority(PRIO_PROCESS, 0, -20);
		for (;;) {
			size_t i = next++;

			if (i >= pieces.size() || error)
				return;
			if (mine.empty()) {
				mine.resize(PIECE);
				theirs.resize(PIECE);
			}
			const Piece &p = pieces[i];
			uint64_t have = 0;

			// Pages that the image file does not have count as different.
			while (have < p.len) {
				ssize_t n = pread(p.fd, theirs.data() + have, p.len - have, static_cast<off_t>(p.offset + have));

				if (n < 0 && errno == EINTR)
					continue;
				if (n <= 0)
					break;
				have += static_cast<uint64_t>(n);
			}
			int e = read_source(mine.data(), p);
			if (e)
				return fail(e, p.addr);
			for (uint64_t at = 0; at + PAGE <= have; at += PAGE)
				same[p.page + at / PAGE] = !memcmp(mine.data() + at, theirs.data() + at, PAGE);
		}
	}

	Napi::Value result(Napi::Env env)
	{
		Napi::Object o = outcome(env);
		Napi::Uint8Array flags = Napi::Uint8Array::New(env, same.size());

		if (!same.empty())
			memcpy(flags.Data(), same.data(), same.size());
		o.Set("same", flags);
		return o;
	}
};

// comparePages(pid or 0, fd, ranges: (address, length, descriptor, offset) each, threads) -> { errno, address, same }
Napi::Value compare_pages(const Napi::CallbackInfo &info)
{
	auto *job = new Compare;
	Napi::BigUint64Array list = info[2].As<Napi::BigUint64Array>();
	unsigned threads = info[3].As<Napi::Number>().Uint32Value();
	uint64_t page = 0;

	job->pid = info[0].As<Napi::Number>().Int32Value();
	job->source = info[1].As<Napi::Number>().Int32Value();
	for (size_t i = 0; i + 3 < list.ElementLength(); i += 4)
		for (uint64_t at = 0; at < list[i + 1];) {
			uint64_t n = list[i + 1] - at < PIECE ? list[i + 1] - at : PIECE;

			job->pieces.push_back({ list[i] + at, n, static_cast<int>(list[i + 2]), list[i + 3] + at, page });
			page += n / PAGE;
			at += n;
		}
	job->same.resize(page);
	if (threads > job->pieces.size())
		threads = job->pieces.size() ? static_cast<unsigned>(job->pieces.size()) : 1;
	return criu::in_background(info.Env(), job, threads, info[2]);
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("comparePages", Napi::Function::New(env, compare_pages, "comparePages"));
});

} // namespace
