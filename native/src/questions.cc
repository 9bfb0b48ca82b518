// SPDX-License-Identifier: GPL-2.0-only
#include "questions.h"

#include <errno.h>
#include <sys/socket.h>
#include <utility>

namespace criu {

namespace {

// Each new answer is compared with all previous ones; beyond this number that costs more than it saves.
constexpr size_t MOST_ANSWERS = 32;

} // namespace

void read_options(int fd, const SocketOption *options, size_t count, int32_t *lengths, uint8_t *values)
{
	for (size_t i = 0; i < count; i++) {
		socklen_t length = static_cast<socklen_t>(options[i].room);

		if (getsockopt(fd, options[i].level, options[i].name, values, &length) < 0)
			lengths[i] = -errno;
		else
			lengths[i] = static_cast<int32_t>(length);
		values += options[i].room;
	}
}

int64_t room_for(const SocketOption *options, size_t count)
{
	int64_t room = 0;

	for (size_t i = 0; i < count; i++) {
		if (options[i].room < 0)
			return -1;
		room += options[i].room;
	}
	return room;
}

Questions::Questions(const SocketKind &kind, int place, std::vector<SocketOption> options)
	: kind_(kind), place_(place), options_(std::move(options)),
	  bytes_(options_.size() * sizeof(int32_t) + static_cast<size_t>(room_for(options_.data(), options_.size())))
{
}

int32_t Questions::ask(int fd)
{
	std::vector<uint8_t> answer(bytes_);

	read_options(fd, options_.data(), options_.size(), reinterpret_cast<int32_t *>(answer.data()),
		     answer.data() + options_.size() * sizeof(int32_t));
	std::lock_guard<std::mutex> lock(mutex_);
	for (size_t i = 0; i < answers_.size(); i++)
		if (answers_[i] == answer)
			return static_cast<int32_t>(i + 1);
	if (answers_.size() == MOST_ANSWERS) {
		given_up_ = true;
		return 0;
	}
	answers_.push_back(std::move(answer));
	return static_cast<int32_t>(answers_.size());
}

std::vector<uint8_t> Questions::answer(int32_t number)
{
	std::lock_guard<std::mutex> lock(mutex_);

	return answers_.at(static_cast<size_t>(number - 1));
}

} // namespace criu
