// SPDX-License-Identifier: GPL-2.0-only
// Parses all mappings of a process with their flags from smaps (proc_pid_smaps(5)). The file has about a thousand bytes
// for each mapping, of which the dump needs few, and the process is frozen meanwhile.
#include "addon.h"
#include "handle.h"
#include "helper_thread.h"
#include "mappings.h"

#include <array>
#include <atomic>
#include <errno.h>
#include <fcntl.h>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <stdint.h>
#include <string.h>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

// A table of texts in which each text is once, since many mappings share them.
class Texts {
public:
	int32_t number(std::string_view text)
	{
		// Neighbouring mappings mostly have the same text.
		if (last_ >= 0 && *latest_ == text)
			return last_;
		auto [at, fresh] = known_.try_emplace(std::string(text), static_cast<int32_t>(known_.size()));

		if (fresh)
			fresh_.push_back(at->first);
		latest_ = &at->first;
		last_ = at->second;
		return last_;
	}

	// The texts since the last call, in the order of their numbers.
	std::vector<std::string> take() { return std::exchange(fresh_, {}); }

private:
	std::unordered_map<std::string, int32_t> known_;
	std::vector<std::string> fresh_;
	// A key of `known_`, which stays where it is.
	const std::string *latest_ = nullptr;
	int32_t last_ = -1;
};

// Parses the fields of a line in order.
class Line {
public:
	explicit Line(std::string_view text) : text_(text) {}

	bool number(unsigned base, uint64_t *value)
	{
		size_t from = at_;

		for (*value = 0; at_ < text_.size(); at_++) {
			unsigned digit = digit_of(text_[at_]);

			if (digit >= base)
				break;
			if (*value > (UINT64_MAX - digit) / base)
				return false;
			*value = *value * base + digit;
		}
		return at_ > from;
	}

	bool skip(char c)
	{
		if (at_ >= text_.size() || text_[at_] != c)
			return false;
		at_++;
		return true;
	}

	void blanks()
	{
		while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t'))
			at_++;
	}

	std::string_view rest() const { return text_.substr(at_); }

private:
	static unsigned digit_of(char c)
	{
		if (c >= '0' && c <= '9')
			return static_cast<unsigned>(c - '0');
		return c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a') + 10 : 16;
	}

	std::string_view text_;
	size_t at_ = 0;
};

struct Rows {
	// Descriptions that no earlier mapping has.
	std::vector<int32_t> small;
	std::vector<uint64_t> large;
	// Start and end of each mapping. A double represents addresses of pages exactly.
	std::vector<double> places;
	// The number of its description, through the whole file.
	std::vector<uint32_t> descriptions;

	size_t count() const { return descriptions.size(); }
};

// Numbers the descriptions of mappings.
class Descriptions {
public:
	// Ends the last row, which is removed if it describes what an earlier one does.
	void end_row(Rows *rows)
	{
		const int32_t *small = rows->small.data() + rows->small.size() - MAPPING_SMALL;
		const uint64_t *large = rows->large.data() + rows->large.size() - MAPPING_LARGE;
		bool has_file = small[MAPPING_MAJOR] || small[MAPPING_MINOR] || large[MAPPING_INO] || large[MAPPING_OFFSET];
		uint32_t number = count_;

		rows->places.push_back(static_cast<double>(large[MAPPING_START]));
		rows->places.push_back(static_cast<double>(large[MAPPING_END]));
		if (!has_file) {
			Key key = { small[MAPPING_PROT], small[MAPPING_SHARED], small[MAPPING_PATH], small[MAPPING_FLAGS],
				    small[MAPPING_KEY] };

			number = known_.try_emplace(key, count_).first->second;
		}
		rows->descriptions.push_back(number);
		if (number == count_) {
			count_++;
			return;
		}
		rows->small.resize(rows->small.size() - MAPPING_SMALL);
		rows->large.resize(rows->large.size() - MAPPING_LARGE);
	}

private:
	using Key = std::array<int32_t, 5>;

	std::map<Key, uint32_t> known_;
	uint32_t count_ = 0;
};

// Returns a description of a format error, else null.
const char *head_of(std::string_view text, Rows *rows, Texts *paths)
{
	int32_t small[MAPPING_SMALL] = { 0 };
	uint64_t large[MAPPING_LARGE] = { 0 };
	uint64_t major, minor;
	Line line(text);

	if (!line.number(16, &large[MAPPING_START]) || !line.skip('-') || !line.number(16, &large[MAPPING_END]) || !line.skip(' '))
		return "expected the addresses of a mapping";
	if (large[MAPPING_END] <= large[MAPPING_START])
		return "the mapping ends before it starts";
	for (const char *one = "rwx"; *one; one++)
		if (line.skip(*one))
			small[MAPPING_PROT] |= *one == 'r' ? 1 : *one == 'w' ? 2 : 4;
		else if (!line.skip('-'))
			return "expected a permission";
	if (line.skip('s'))
		small[MAPPING_SHARED] = 1;
	else if (!line.skip('p'))
		return "expected s or p";
	if (!line.skip(' ') || !line.number(16, &large[MAPPING_OFFSET]) || !line.skip(' ') || !line.number(16, &major) ||
	    !line.skip(':') || !line.number(16, &minor) || !line.skip(' ') || !line.number(10, &large[MAPPING_INO]))
		return "expected offset, device and inode";
	if ((large[MAPPING_START] | large[MAPPING_END] | large[MAPPING_OFFSET]) & 4095)
		return "expected page-aligned numbers";
	line.blanks();
	small[MAPPING_MAJOR] = static_cast<int32_t>(major);
	small[MAPPING_MINOR] = static_cast<int32_t>(minor);
	small[MAPPING_PATH] = paths->number(line.rest());
	small[MAPPING_KEY] = -1;
	rows->small.insert(rows->small.end(), small, small + MAPPING_SMALL);
	rows->large.insert(rows->large.end(), large, large + MAPPING_LARGE);
	return nullptr;
}

bool starts(std::string_view text, std::string_view with)
{
	return text.substr(0, with.size()) == with;
}

// Parses smaps line by line. Lines that begin with a capital letter are fields; VmFlags is the last field of each
// mapping.
class Parser {
public:
	// Returns a description of a format error, else null.
	const char *line(std::string_view text, Rows *rows)
	{
		constexpr std::string_view FLAGS = "VmFlags:", KEY = "ProtectionKey:";

		if (!inside_) {
			inside_ = true;
			return head_of(text, rows, &paths);
		}
		if (text.empty() || text[0] < 'A' || text[0] > 'Z')
			return "the mapping has no VmFlags";
		int32_t *small = rows->small.data() + rows->small.size() - MAPPING_SMALL;

		if (text[0] == 'V' && starts(text, FLAGS)) {
			small[MAPPING_FLAGS] = flags.number(text.substr(FLAGS.size()));
			descriptions_.end_row(rows);
			inside_ = false;
		} else if (text[0] == 'P' && starts(text, KEY)) {
			Line rest(text.substr(KEY.size()));
			uint64_t key;

			rest.blanks();
			if (!rest.number(10, &key))
				return "expected a protection key";
			small[MAPPING_KEY] = static_cast<int32_t>(key);
		}
		return nullptr;
	}

	bool inside() const { return inside_; }

	Texts paths;
	Texts flags;

private:
	bool inside_ = false;
	Descriptions descriptions_;
};

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
