// SPDX-License-Identifier: GPL-2.0-only
// Kills this process when its main thread gives no sign of life for too long. While tasks stand still, a system call of ours may wait for one
// of them (a file server in user space, a listener of fanotify permission events), and neither would ever go on.
#include "addon.h"
#include "handle.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <signal.h>
#include <stdint.h>
#include <string>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace {

class Watchdog {
public:
	Watchdog(uint32_t seconds, std::string last_words) : patience_(seconds), last_words_(std::move(last_words)) {}
	Watchdog(const Watchdog &) = delete;
	Watchdog &operator=(const Watchdog &) = delete;

	void sign() { signs_++; }

	// Nobody waits for the thread, which may have to wait for a processor: it ends when it gets one.
	void end()
	{
		{
			std::lock_guard<std::mutex> lock(mutex_);
			ended_ = true;
		}
		changed_.notify_all();
	}

	// Seconds are counted, and not compared with a clock: this thread stands still, too, while the whole process is stopped.
	void watch()
	{
		std::unique_lock<std::mutex> lock(mutex_);
		uint64_t last = signs_;

		for (uint32_t missed = 0; missed < patience_; missed++) {
			// By the system's clock: a wait by the steady one takes a newer libc than others need.
			const auto next = std::chrono::system_clock::now() + std::chrono::seconds(1);

			if (changed_.wait_until(lock, next, [this] { return ended_; }))
				return;
			if (signs_ != last) {
				last = signs_;
				missed = 0;
			}
		}
		[[maybe_unused]] ssize_t n = write(STDERR_FILENO, last_words_.data(), last_words_.size());
		kill(getpid(), SIGKILL);
	}

private:
	const uint32_t patience_;
	const std::string last_words_;
	std::atomic<uint64_t> signs_{0};
	std::mutex mutex_;
	std::condition_variable changed_;
	bool ended_ = false;
};

// beginWatch(seconds, lastWords) -> a handle. The process is killed after so many seconds without signOfLife(); before, the words
// are written to its standard error.
Napi::Value begin_watch(const Napi::CallbackInfo &info)
{
	uint32_t seconds = info[0].As<Napi::Number>().Uint32Value();
	std::string words = info[1].As<Napi::String>().Utf8Value();

	auto watchdog = std::make_shared<Watchdog>(seconds, std::move(words));

	// A refusal of a thread only leaves the process unwatched.
	try {
		std::thread([watchdog] { watchdog->watch(); }).detach();
	} catch (const std::system_error &) {
	}
	return criu::handle(info.Env(), std::move(watchdog));
}

// signOfLife(handle)
void sign_of_life(const Napi::CallbackInfo &info)
{
	criu::held<Watchdog>(info[0])->sign();
}

// endWatch(handle)
void end_watch(const Napi::CallbackInfo &info)
{
	criu::held<Watchdog>(info[0])->end();
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("beginWatch", Napi::Function::New(env, begin_watch, "beginWatch"));
	exports.Set("signOfLife", Napi::Function::New(env, sign_of_life, "signOfLife"));
	exports.Set("endWatch", Napi::Function::New(env, end_watch, "endWatch"));
});

} // namespace
