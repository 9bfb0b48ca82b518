// SPDX-License-Identifier: GPL-2.0-only
// Shared by all functions that move or compare pages: reading the memory of a task, and jobs in threads that settle a
// promise.
#pragma once

#include "addon.h"

#include <atomic>
#include <stdint.h>
#include <sys/types.h>
#include <thread>
#include <time.h>

namespace criu {

// Size of the buffer through which memory is moved.
const uint64_t CHUNK = 1 << 19;

// CPU time of the calling thread in ns.
inline uint64_t cpu_ns()
{
	timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return static_cast<uint64_t>(t.tv_sec) * 1000000000u + static_cast<uint64_t>(t.tv_nsec);
}

// Bytes of pages that this process has moved so far, for progress reports.
extern std::atomic<uint64_t> moved;

// Reads a range of a task's memory in full, also pages that the task itself may not read. Returns 0 or an errno. With
// `lenient`, missing pages read as zero and are no error. With `mem`, an open /proc/PID/mem of the task, pages are read
// from there: process_vm_readv(2) has the kernel copy pages that the task shares copy-on-write (FAULT_FLAG_UNSHARE).
int read_task(pid_t pid, int mem, uint8_t *to, uint64_t addr, uint64_t len, bool lenient = false);
int write_full(int fd, const uint8_t *data, uint64_t len, uint64_t offset);
// Sends all bytes. Returns 0 or an errno: EPIPE if the peer has closed the socket.
int send_full(int socket, const uint8_t *data, uint64_t len, int flags = 0);

// Runs job->work() in threads and returns a promise. The last thread to end resolves it with job->result(env) and
// deletes the job.
template <class Job> Napi::Value in_background(Napi::Env env, Job *job, unsigned threads, Napi::Value keep)
{
	auto deferred = Napi::Promise::Deferred::New(env);
	auto tsfn = Napi::ThreadSafeFunction::New(env, Napi::Function::New(env, [](const Napi::CallbackInfo &) {}), "pages", 0, 1);

	job->keep = Napi::Reference<Napi::Value>::New(keep, 1);
	job->running = static_cast<int>(threads);
	for (unsigned i = 0; i < threads; i++)
		std::thread([job, deferred, tsfn]() mutable {
			job->work();
			if (--job->running)
				return;
			tsfn.BlockingCall([job, deferred](Napi::Env e, Napi::Function) {
				if (!static_cast<napi_env>(e))
					return; // the process is ending
				Napi::Value result = job->result(e);

				delete job;
				deferred.Resolve(result);
			});
			tsfn.Release();
		}).detach();
	return deferred.Promise();
}

// Base of the jobs. The first error ends a job; error_addr is the address at which it happened.
struct PageJob {
	std::atomic<size_t> next{ 0 };
	std::atomic<int> error{ 0 };
	std::atomic<uint64_t> error_addr{ 0 };
	std::atomic<int> running{ 0 };
	Napi::Reference<Napi::Value> keep;

	void fail(int e, uint64_t addr)
	{
		error_addr = addr;
		error = e;
	}

	Napi::Object outcome(Napi::Env env) const
	{
		Napi::Object o = Napi::Object::New(env);

		o.Set("errno", Napi::Number::New(env, error.load()));
		o.Set("address", Napi::BigInt::New(env, error_addr.load()));
		return o;
	}
};

} // namespace criu
