// SPDX-License-Identifier: GPL-2.0-only
// Reads all mappings of a process with their flags from smaps (proc_pid_smaps(5)). The file has about a thousand bytes
// for each mapping, of which the dump needs few, and the process is frozen meanwhile.
#include "addon.h"
#include "handle.h"
#include "helper_thread.h"
#include "mappings.h"
#include "smaps.h"

#include <atomic>
#include <errno.h>
#include <fcntl.h>
#include <iterator>
#include <memory>
#include <mutex>
#include <stdint.h>
#include <string.h>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using criu::smaps::Parser;
using criu::smaps::Rows;

// What has been read and not been taken yet.
struct Ready {
	Rows rows;
	// Texts that no earlier row has.
	std::vector<std::string> paths;
	std::vector<std::string> flags;
	bool ended = false;
	int error = 0;
	// Description of a format error, else null, and the number of the line.
	const char *fault = nullptr;
	size_t line = 0;
};

template <typename T> void append(std::vector<T> *to, std::vector<T> &&from)
{
	to->insert(to->end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

// Rows that are read at a time.
constexpr size_t BATCH = 64;

// The mappings of a process. The kernel takes as long for the text of a mapping as JavaScript takes to describe it, so
// a thread reads on meanwhile. Whoever takes rows when none are ready reads some himself: on a busy machine the thread
// may not get a processor.
class Mappings {
public:
	explicit Mappings(int fd) : fd_(fd) {}
	~Mappings()
	{
		given_up_ = true;
		if (thread_.joinable())
			thread_.join();
		close(fd_);
	}
	Mappings(const Mappings &) = delete;
	Mappings &operator=(const Mappings &) = delete;

	// All rows that are ready, one at least unless the file has ended.
	Ready take()
	{
		for (;;) {
			{
				std::lock_guard<std::mutex> lock(readying_);

				if (is_ready())
					return std::exchange(ready_, Ready{ {}, {}, {}, ready_.ended, 0, nullptr, 0 });
			}
			read_some(true);
		}
	}

	// Has a thread read the rest. A refusal to create one only makes the dump slower.
	void go_on()
	{
		try {
			thread_ = criu::helper_thread([this] {
				while (!given_up_ && read_some(false))
					;
			});
		} catch (const std::system_error &) {
		}
	}

	bool has_thread() const { return thread_.joinable(); }

	// The thread reads no further.
	void give_up() { given_up_ = true; }

private:
	bool is_ready() const { return ready_.rows.count() > 0 || ready_.ended; }

	// Reads a batch, unless `only_if_none` and the thread has made one ready meanwhile. Returns whether there is more.
	bool read_some(bool only_if_none)
	{
		std::lock_guard<std::mutex> reading(reading_);
		Ready batch;

		{
			std::lock_guard<std::mutex> lock(readying_);

			if (ready_.ended || (only_if_none && is_ready()))
				return !ready_.ended;
		}
		read_batch(&batch);
		batch.line = line_;
		std::lock_guard<std::mutex> lock(readying_);

		append(&ready_.rows.small, std::move(batch.rows.small));
		append(&ready_.rows.large, std::move(batch.rows.large));
		append(&ready_.rows.places, std::move(batch.rows.places));
		append(&ready_.rows.descriptions, std::move(batch.rows.descriptions));
		ready_.rows.shared += batch.rows.shared;
		append(&ready_.paths, parser_.paths.take());
		append(&ready_.flags, parser_.flags.take());
		ready_.ended = batch.ended;
		ready_.error = batch.error;
		ready_.fault = batch.fault;
		ready_.line = batch.line;
		return !batch.ended;
	}

	void read_batch(Ready *batch)
	{
		// A mapping that has been begun stays in the batch of its lines.
		while (!batch->ended && (parser_.inside() || batch->rows.count() < BATCH)) {
			if (kept_ == room_.size())
				room_.resize(room_.size() * 2);
			ssize_t n = read(fd_, room_.data() + kept_, room_.size() - kept_);

			if (n < 0 && errno == EINTR)
				continue;
			batch->ended = n <= 0;
			if (n < 0)
				batch->error = errno;
			else if (n == 0 && (kept_ || parser_.inside()))
				batch->fault = "the text ends in the middle of a mapping";
			else if (n > 0)
				parse(kept_ + static_cast<size_t>(n), batch);
		}
	}

	// Parses the whole lines in the first `size` bytes, and keeps the rest.
	void parse(size_t size, Ready *batch)
	{
		size_t from = 0;

		while (char *end = static_cast<char *>(memchr(room_.data() + from, '\n', size - from))) {
			size_t length = static_cast<size_t>(end - room_.data()) - from;

			line_++;
			batch->fault = parser_.line(std::string_view(room_.data() + from, length), &batch->rows);
			if (batch->fault) {
				batch->ended = true;
				return;
			}
			from += length + 1;
		}
		kept_ = size - from;
		memmove(room_.data(), room_.data() + from, kept_);
	}

	int fd_;
	// Guards everything but what is ready, which has a lock of its own: who takes that does not wait for read(2).
	std::mutex reading_;
	std::vector<char> room_ = std::vector<char>(1 << 16);
	size_t kept_ = 0;
	size_t line_ = 0;
	Parser parser_;
	std::mutex readying_;
	Ready ready_;
	std::atomic<bool> given_up_{false};
	std::thread thread_;
};

// beginMappings(path) -> a handle for nextMappings(), or -errno.
Napi::Value begin_mappings(const Napi::CallbackInfo &info)
{
	std::string path = info[0].As<Napi::String>();
	int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return Napi::Number::New(info.Env(), -errno);
	return criu::handle(info.Env(), std::make_shared<Mappings>(fd));
}

Napi::Array list(Napi::Env env, const std::vector<std::string> &texts)
{
	Napi::Array list = Napi::Array::New(env, texts.size());

	for (size_t i = 0; i < texts.size(); i++) {
		napi_value value;

		if (napi_create_string_latin1(env, texts[i].data(), texts[i].size(), &value) != napi_ok)
			throw Napi::Error::New(env);
		list.Set(static_cast<uint32_t>(i), Napi::Value(env, value));
	}
	return list;
}

template <typename A, typename T> A column(Napi::Env env, const std::vector<T> &values)
{
	A array = A::New(env, values.size());

	if (!values.empty())
		memcpy(array.Data(), values.data(), values.size() * sizeof(T));
	return array;
}

// nextMappings(handle) -> mappings, rows and the texts that no earlier row has, undefined at the end, `fault` and `line` for an
// unknown format, or -errno.
Napi::Value next_mappings(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Mappings &mappings = *criu::held<Mappings>(info[0]);
	Ready some = mappings.take();

	if (some.error)
		return Napi::Number::New(env, -some.error);
	if (!some.fault && some.rows.count() == 0)
		return env.Undefined();
	Napi::Object all = Napi::Object::New(env);

	if (some.fault) {
		all.Set("fault", Napi::String::New(env, some.fault));
		all.Set("line", Napi::Number::New(env, static_cast<double>(some.line)));
		return all;
	}
	// Most processes have no more mappings than one batch.
	if (!some.ended && !mappings.has_thread())
		mappings.go_on();
	all.Set("places", column<Napi::Float64Array>(env, some.rows.places));
	all.Set("descriptions", column<Napi::Uint32Array>(env, some.rows.descriptions));
	all.Set("small", column<Napi::Int32Array>(env, some.rows.small));
	all.Set("large", column<Napi::BigUint64Array>(env, some.rows.large));
	all.Set("shared", Napi::Number::New(env, static_cast<double>(some.rows.shared) * 1024));
	all.Set("paths", list(env, some.paths));
	all.Set("flags", list(env, some.flags));
	return all;
}

void end_mappings(const Napi::CallbackInfo &info)
{
	criu::held<Mappings>(info[0])->give_up();
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("beginMappings", Napi::Function::New(env, begin_mappings, "beginMappings"));
	exports.Set("endMappings", Napi::Function::New(env, end_mappings, "endMappings"));
	exports.Set("nextMappings", Napi::Function::New(env, next_mappings, "nextMappings"));
});

} // namespace
