// SPDX-License-Identifier: GPL-2.0-only
// Sends records and pages to a socket without passing the pages through JavaScript.
#include "pages.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

struct Send : criu::PageJob {
	int sock;
	pid_t pid; // 0: pages of the file `source`
	int source;
	bool lenient;
	std::vector<uint8_t> records;
	size_t record;
	std::vector<uint64_t> ranges; // address and length for each record

	int send_task(uint64_t addr, uint64_t len, std::vector<uint8_t> &chunk)
	{
		while (len) {
			uint64_t n = len < criu::CHUNK ? len : criu::CHUNK;
			int e = criu::read_task(pid, source, chunk.data(), addr, n, lenient);

			if (!e)
				e = criu::send_full(sock, chunk.data(), n);
			criu::moved += n;
			if (e)
				return e;
			addr += n;
			len -= n;
		}
		return 0;
	}

	// sendfile(2) does not work for files of huge pages (hugetlbfs), so these are read and sent.
	int send_by_reading(uint64_t offset, uint64_t len)
	{
		std::vector<uint8_t> chunk(criu::CHUNK);

		while (len) {
			uint64_t want = len < chunk.size() ? len : chunk.size();
			ssize_t n = pread(source, chunk.data(), want, static_cast<off_t>(offset));

			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0)
				return n < 0 ? errno : EIO;
			int e = criu::send_full(sock, chunk.data(), static_cast<uint64_t>(n));
			if (e)
				return e;
			offset += static_cast<uint64_t>(n);
			len -= static_cast<uint64_t>(n);
		}
		return 0;
	}

	int send_file(uint64_t offset, uint64_t len)
	{
		static const uint8_t zeros[4096] = { 0 };
		off_t at = static_cast<off_t>(offset);

		while (len) {
			ssize_t n = sendfile(sock, source, &at, len < 1u << 30 ? len : 1u << 30);

			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0 && errno == EINVAL)
				return send_by_reading(static_cast<uint64_t>(at), len);
			if (n < 0)
				return errno;
			if (!n) {
				// The last page of a file is zero-filled beyond the end of the file.
				uint64_t rest = len < sizeof(zeros) ? len : sizeof(zeros);
				int e = criu::send_full(sock, zeros, rest);

				if (e)
					return e;
				len -= rest;
				continue;
			}
			len -= static_cast<uint64_t>(n);
		}
		return 0;
	}

	void work()
	{
		std::vector<uint8_t> chunk(pid ? criu::CHUNK : 0);

		setpriority(PRIO_PROCESS, 0, -20);
		for (size_t i = 0; i * 2 + 1 < ranges.size(); i++) {
			uint64_t addr = ranges[i * 2], len = ranges[i * 2 + 1];
			int e = criu::send_full(sock, records.data() + i * record, record, len ? MSG_MORE : 0);

			if (!e && len)
				e = pid ? send_task(addr, len, chunk) : send_file(addr, len);
			if (e)
				return fail(e, addr);
		}
	}

	Napi::Value result(Napi::Env env) { return outcome(env); }
};

// sendPages(socket, pid or 0, fd, records, bytes of a record, ranges: (address, length) for each record, lenient) -> {
// errno, address }
Napi::Value send_pages(const Napi::CallbackInfo &info)
{
	auto *job = new Send;
	Napi::Uint8Array records = info[3].As<Napi::Uint8Array>();
	Napi::BigUint64Array list = info[5].As<Napi::BigUint64Array>();

	job->sock = info[0].As<Napi::Number>().Int32Value();
	job->pid = info[1].As<Napi::Number>().Int32Value();
	job->source = info[2].As<Napi::Number>().Int32Value();
	job->records.assign(records.Data(), records.Data() + records.ByteLength());
	job->lenient = info[6].ToBoolean();
	job->record = info[4].As<Napi::Number>().Uint32Value();
	job->ranges.assign(list.Data(), list.Data() + list.ElementLength());
	if (job->ranges.size() / 2 * job->record > job->records.size()) {
		delete job;
		throw Napi::TypeError::New(info.Env(), "sendPages: a record for each range is needed");
	}
	return criu::in_background(info.Env(), job, 1, info[5]);
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("sendPages", Napi::Function::New(env, send_pages, "sendPages"));
});

} // namespace
