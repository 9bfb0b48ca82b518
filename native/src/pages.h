// SPDX-License-Identifier: GPL-2.0-only
// What all that moves or compares pages has in common: reading the memory of a task, and threads whose end is a promise.
#pragma once

#include "addon.h"

#include <atomic>
#include <stdint.h>
#include <sys/types.h>
#include <thread>

namespace criu {

// Pieces of memory are moved or compared by so many bytes.
const uint64_t CHUNK = 1 << 19;

// Bytes of pages that have been moved by this process, for whoever shows how far it is.
extern std::atomic<uint64_t> moved;

// All of a range of a task's memory, also where the task itself may not read; 0 or an errno. Lenient: pages that are
// gone are zero.
int read_task(pid_t pid, uint8_t *to, uint64_t addr, uint64_t len, bool lenient = false);
int write_full(int fd, const uint8_t *data, uint64_t len, uint64_t offset);
// All bytes into a socket, whose reader may be gone (EPIPE). An errno, or 0.
int send_full(int socket, const uint8_t *data, uint64_t len, int flags = 0);

// Runs job->work() in threads, the last of which has job->result(env) become the promise's value. Owns the job.
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

// Ends with the first error; the address says where.
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
