// SPDX-License-Identifier: GPL-2.0-only
// Sources of missing pages: a file, or a page server that sends them on request.
#include "pager.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pager {

namespace {

struct File : Source {
	explicit File(int f) : fd(f) {}
	const int fd;

	void fetch(uint64_t image_pid, uint64_t offset, uint8_t *to, uint64_t length) override
	{
		while (length) {
			ssize_t n = pread(fd, to, length, static_cast<off_t>(offset));

			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0)
				give_up("cannot read pages of task %llu from the image: %s", static_cast<unsigned long long>(image_pid),
					strerror(errno));
			if (n == 0)
				give_up("the image ends before page %llu of task %llu",
					static_cast<unsigned long long>(offset / PAGE), static_cast<unsigned long long>(image_pid));
			to += n;
			offset += static_cast<uint64_t>(n);
			length -= static_cast<uint64_t>(n);
		}
	}
};

// A record of the page server's protocol (packages/criu-cli/src/pages/wire/protocol.ts).
struct Record {
	uint32_t command; // the upper half is flags
	uint32_t pad;
	uint64_t pages;
	uint64_t address;
	uint64_t target;
};
const uint32_t ADD_FLAGS = 6, GET = 7;
// Bytes of one request. CRIU's server moves pages through a pipe, whose default capacity this is.
const uint64_t MOST_ASKED = 64 << 10;

// Several threads can have a request under way; answers come in the order of the requests.
struct Server : Source {
	explicit Server(int f) : fd(f) {}
	const int fd;
	std::mutex mutex;
	std::condition_variable turn;
	uint64_t asked = 0, answered = 0;

	void fetch(uint64_t image_pid, uint64_t address, uint8_t *to, uint64_t length) override
	{
		while (length) {
			uint64_t got = request(image_pid, address, to, length < MOST_ASKED ? length : MOST_ASKED);

			to += got;
			address += got;
			length -= got;
		}
	}

	uint64_t request(uint64_t image_pid, uint64_t address, uint8_t *to, uint64_t length)
	{
		Record record = { GET, 0, length / PAGE, address, image_pid };
		std::unique_lock<std::mutex> lock(mutex);

		transfer(reinterpret_cast<uint8_t *>(&record), sizeof(record), true);
		uint64_t mine = asked++;
		while (answered != mine)
			turn.wait(lock);
		lock.unlock();
		transfer(reinterpret_cast<uint8_t *>(&record), sizeof(record), false);
		if ((record.command & 0xffff) != ADD_FLAGS || record.address != address || record.target != image_pid ||
		    !record.pages || record.pages > length / PAGE)
			give_up("the page server does not give what it was asked for: page 0x%llx of task %llu",
				static_cast<unsigned long long>(address), static_cast<unsigned long long>(image_pid));
		transfer(to, record.pages * PAGE, false);
		lock.lock();
		answered++;
		turn.notify_all();
		return record.pages * PAGE;
	}

	void transfer(uint8_t *data, uint64_t length, bool out)
	{
		while (length) {
			ssize_t n = out ? send(fd, data, length, MSG_NOSIGNAL) : recv(fd, data, length, 0);

			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0)
				give_up("the connection with the page server broke: %s", n < 0 ? strerror(errno) : "it has closed it");
			data += n;
			length -= static_cast<uint64_t>(n);
		}
	}
};

} // namespace

std::unique_ptr<Source> file_source(int fd)
{
	return std::make_unique<File>(fd);
}

std::unique_ptr<Source> server_source(int fd)
{
	return std::make_unique<Server>(fd);
}

} // namespace pager
