// SPDX-License-Identifier: GPL-2.0-only
// Queries many options of a socket in one call: there are a hundred, and the tasks are frozen meanwhile.
#include "addon.h"
#include "handle.h"
#include "questions.h"

#include <memory>
#include <utility>
#include <vector>

namespace {

using criu::Questions;
using criu::SocketOption;

// Three numbers for each option: level, name, and room in bytes.
std::vector<SocketOption> options_of(const Napi::Value &value)
{
	Napi::Int32Array numbers = value.As<Napi::Int32Array>();
	std::vector<SocketOption> options(numbers.ElementLength() / 3);

	for (size_t i = 0; i < options.size(); i++)
		options[i] = { numbers[i * 3], numbers[i * 3 + 1], numbers[i * 3 + 2] };
	return options;
}

// readOptions(fd, wanted, lengths, values): `wanted` has level, name and room in bytes of each option. `values` gets
// the values, each at the end of the room of the previous one; `lengths` gets their lengths or -errno.
Napi::Value read_options(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	std::vector<SocketOption> options = options_of(info[1]);
	Napi::Int32Array lengths = info[2].As<Napi::Int32Array>();
	Napi::Uint8Array values = info[3].As<Napi::Uint8Array>();
	int64_t room = criu::room_for(options.data(), options.size());

	if (lengths.ElementLength() < options.size())
		throw Napi::RangeError::New(env, "readOptions: no room for all lengths");
	if (room < 0 || static_cast<uint64_t>(room) > values.ElementLength())
		throw Napi::RangeError::New(env, "readOptions: no room for all values");
	criu::read_options(info[0].As<Napi::Number>().Int32Value(), options.data(), options.size(), lengths.Data(),
			   values.Data());
	return env.Undefined();
}

// makeQuestions({ family, type, protocol, connected, place, wanted }) -> handle: options to query of all sockets of that kind,
// and the index in the row of a descriptor for the number of the answer.
Napi::Value make_questions(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Object asked = info[0].As<Napi::Object>();
	auto number = [&](const char *name) { return asked.Get(name).As<Napi::Number>().Int32Value(); };
	std::vector<SocketOption> options = options_of(asked.Get("wanted"));
	criu::SocketKind kind = { number("family"), number("type"), number("protocol"), number("connected") };

	if (criu::room_for(options.data(), options.size()) < 0)
		throw Napi::RangeError::New(env, "makeQuestions: no room for all values");
	return criu::handle(env, std::make_shared<Questions>(kind, number("place"), std::move(options)));
}

// answerTo(questions, number) -> the lengths and then the values.
Napi::Value answer_to(const Napi::CallbackInfo &info)
{
	std::vector<uint8_t> answer = criu::held<Questions>(info[0])->answer(info[1].As<Napi::Number>().Int32Value());

	return Napi::Buffer<uint8_t>::Copy(info.Env(), answer.data(), answer.size());
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("readOptions", Napi::Function::New(env, read_options, "readOptions"));
	exports.Set("makeQuestions", Napi::Function::New(env, make_questions, "makeQuestions"));
	exports.Set("answerTo", Napi::Function::New(env, answer_to, "answerTo"));
});

} // namespace
