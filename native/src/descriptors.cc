// SPDX-License-Identifier: GPL-2.0-only
// Inspects many descriptors of a process in one call: pidfd_getfd(2), fstat(2), /proc/PID/fd and fdinfo for each. The
// process is frozen meanwhile.
#include "addon.h"
#include "handle.h"
#include "helper_thread.h"
#include "looker.h"

#include <atomic>
#include <errno.h>
#include <memory>
#include <new>
#include <stdint.h>
#include <string.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using criu::Descriptions;
using criu::LookAt;
using criu::Looker;
using criu::Questions;

Napi::Value text(Napi::Env env, const std::string &bytes)
{
	napi_value value;

	if (napi_create_string_latin1(env, bytes.data(), bytes.size(), &value) != napi_ok)
		throw Napi::Error::New(env);
	return Napi::Value(env, value);
}

// Descriptors under inspection by one thread, and at the end also by the thread that calls finish(): on a busy machine
// the first one may not get a processor, and then finish() waits for one descriptor at most.
class Look {
public:
	Look(LookAt at, const int32_t *fds, size_t count, int32_t *small, uint64_t *large)
		: at_(std::move(at)), fds_(fds, fds + count), small_(small), large_(large), links_(count), infos_(count)
	{
	}
	~Look() { wait(); }
	Look(const Look &) = delete;
	Look &operator=(const Look &) = delete;

	void begin()
	{
		thread_ = criu::helper_thread([this] { work(); });
	}

	void finish()
	{
		work();
		wait();
	}

	void close_copies() const
	{
		for (size_t i = 0; i < count(); i++)
			if (int local = small_[i * DESCRIPTOR_SMALL + DESCRIPTOR_LOCAL]; local >= 0)
				close(local);
	}

	size_t count() const { return fds_.size(); }
	const std::string &link(size_t i) const { return links_[i]; }
	const std::string &info(size_t i) const { return infos_[i]; }

private:
	void wait()
	{
		if (thread_.joinable())
			thread_.join();
	}

	void work()
	{
		size_t i = next_++;

		if (i >= count())
			return;
		Looker looker(at_);
		for (; i < count(); i = next_++) {
			int32_t *small = small_ + i * DESCRIPTOR_SMALL;

			try {
				looker.look(fds_[i], small, large_ + i * DESCRIPTOR_LARGE, &links_[i], &infos_[i]);
			} catch (const std::bad_alloc &) {
				small[DESCRIPTOR_ERRNO] = ENOMEM;
				small[DESCRIPTOR_FAILED] = DESCRIPTOR_NO_INFO;
			}
		}
	}

	LookAt at_;
	std::vector<int32_t> fds_;
	int32_t *small_;
	uint64_t *large_;
	std::vector<std::string> links_;
	std::vector<std::string> infos_;
	std::atomic<size_t> next_{0};
	std::thread thread_;
};

// An inspection that JavaScript has begun. `small` and `large` keep the arrays of the rows alive.
struct Begun {
	Napi::ObjectReference small;
	Napi::ObjectReference large;
	// Declared last, so that its destructor ends the thread before the arrays are released.
	std::unique_ptr<Look> look;
};

// beginDescriptors({ pid, pidfd, fds, small, large, ahead, descriptions, questions }) -> handle. Starts a thread that
// fills the rows if `ahead`; otherwise endDescriptors() fills them.
Napi::Value begin_descriptors(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Object wanted = info[0].As<Napi::Object>();
	auto number = [&](const char *name) { return wanted.Get(name).As<Napi::Number>().Int32Value(); };
	Napi::Int32Array fds = wanted.Get("fds").As<Napi::Int32Array>();
	Napi::Int32Array small = wanted.Get("small").As<Napi::Int32Array>();
	Napi::BigUint64Array large = wanted.Get("large").As<Napi::BigUint64Array>();
	Napi::Array questions = wanted.Get("questions").As<Napi::Array>();
	size_t count = fds.ElementLength();
	LookAt at = { number("pid"), number("pidfd"), criu::held<Descriptions>(wanted.Get("descriptions")), {} };

	if (small.ElementLength() < count * DESCRIPTOR_SMALL || large.ElementLength() < count * DESCRIPTOR_LARGE)
		throw Napi::RangeError::New(env, "beginDescriptors: no room for all rows");
	for (uint32_t i = 0; i < questions.Length(); i++) {
		at.questions.push_back(criu::held<Questions>(questions.Get(i)));
		if (int place = at.questions.back()->place(); place < 0 || place >= DESCRIPTOR_SMALL)
			throw Napi::RangeError::New(env, "beginDescriptors: no place for an answer");
	}
	memset(small.Data(), 0, count * DESCRIPTOR_SMALL * sizeof(int32_t));
	auto begun = std::make_unique<Begun>();
	begun->small = Napi::Persistent(small.As<Napi::Object>());
	begun->large = Napi::Persistent(large.As<Napi::Object>());
	begun->look = std::make_unique<Look>(std::move(at), fds.Data(), count, small.Data(), large.Data());
	if (wanted.Get("ahead").As<Napi::Boolean>().Value())
		begun->look->begin();
	return Napi::External<Begun>::New(env, begun.release(), [](Napi::Env, Begun *one) { delete one; });
}

// endDescriptors(handle) -> two texts for each descriptor, once all are inspected: its link in /proc/PID/fd, and the
// lines of its fdinfo behind the fields that all kinds have.
Napi::Value end_descriptors(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Look &look = *info[0].As<Napi::External<Begun>>().Data()->look;

	look.finish();
	Napi::Array texts = Napi::Array::New(env, look.count() * 2);
	for (size_t i = 0; i < look.count(); i++) {
		texts.Set(static_cast<uint32_t>(i * 2), text(env, look.link(i)));
		texts.Set(static_cast<uint32_t>(i * 2 + 1), text(env, look.info(i)));
	}
	return texts;
}

// closeCopies(handle): closes the copies of all descriptors once all are inspected.
Napi::Value close_copies(const Napi::CallbackInfo &info)
{
	Look &look = *info[0].As<Napi::External<Begun>>().Data()->look;

	look.finish();
	look.close_copies();
	return info.Env().Undefined();
}

Napi::Value make_descriptions(const Napi::CallbackInfo &info)
{
	return criu::handle(info.Env(), std::make_shared<Descriptions>());
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("beginDescriptors", Napi::Function::New(env, begin_descriptors, "beginDescriptors"));
	exports.Set("endDescriptors", Napi::Function::New(env, end_descriptors, "endDescriptors"));
	exports.Set("closeCopies", Napi::Function::New(env, close_copies, "closeCopies"));
	exports.Set("makeDescriptions", Napi::Function::New(env, make_descriptions, "makeDescriptions"));
});

} // namespace
