// SPDX-License-Identifier: GPL-2.0-only
// Messages: into the log, and to the restore as long as it runs.
#include "pager.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

namespace pager {

static void line(const char *text)
{
	char out[1200];
	timespec now = {};

	clock_gettime(CLOCK_REALTIME, &now);
	int n = snprintf(out, sizeof(out), "(%lld.%06ld) pager: %s\n", static_cast<long long>(now.tv_sec),
			 now.tv_nsec / 1000, text);
	if (n >= static_cast<int>(sizeof(out)))
		n = sizeof(out) - 1;
	if (shared->log_fd >= 0 && write(shared->log_fd, out, static_cast<size_t>(n)) < 0)
		return; // the log may be on a full disk
}

// A formatted message, cut to the room of a line and of an answer. It goes into the log when it is made.
struct Said {
	char text[1024];

	Said(const char *format, va_list args)
	{
		vsnprintf(text, sizeof(text), format, args);
		line(text);
	}
};

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	Said said(format, args);
	va_end(args);
}

void answer(uint32_t type, uint64_t arg, const char *text)
{
	uint32_t length = static_cast<uint32_t>(strlen(text));
	char bytes[sizeof(pager_reply) + 1024];
	pager_reply head = { PAGER_MAGIC, type, length, 0, arg };

	if (shared->control < 0)
		return;
	memcpy(bytes, &head, sizeof(head));
	memcpy(bytes + sizeof(head), text, length);
	// The restore may have closed its end.
	if (send(shared->control, bytes, sizeof(head) + length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
}

void give_up(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	Said said(format, args);
	va_end(args);
	answer(PAGER_FAILED, 0, said.text);
	_exit(1);
}

} // namespace pager
