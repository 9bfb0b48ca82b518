// SPDX-License-Identifier: GPL-2.0-only
// Waits in Node's event loop for descriptors that Node has no streams for, such as SEQPACKET sockets.
#include "addon.h"
#include "event_loop.h"

#include <errno.h>
#include <map>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <vector>

namespace {

struct Waiting {
	explicit Waiting(Napi::Env e) : env(e), context(e, "descriptor") {}

	Napi::Env env;
	Napi::AsyncContext context;
	int epoll = -1;
	std::map<int, Napi::Promise::Deferred> fds;
	uv_poll_s *watcher = nullptr;
};

Waiting *waiting;

// Pending waits keep the event loop alive.
void count()
{
	if (waiting->fds.empty())
		uv_unref(waiting->watcher);
	else
		uv_ref(waiting->watcher);
}

void settle(int fd, double result)
{
	auto it = waiting->fds.find(fd);

	if (it == waiting->fds.end())
		return;
	Napi::Promise::Deferred deferred = it->second;

	epoll_ctl(waiting->epoll, EPOLL_CTL_DEL, fd, nullptr);
	waiting->fds.erase(it);
	deferred.Resolve(Napi::Number::New(waiting->env, result));
}

void ready(uv_poll_s *, int, int)
{
	epoll_event events[64];
	int n = epoll_wait(waiting->epoll, events, 64, 0);
	Napi::HandleScope handles(waiting->env);
	Napi::CallbackScope scope(waiting->env, waiting->context);

	for (int i = 0; i < n; i++)
		settle(events[i].data.fd, events[i].events);
	count();
}

void start(Napi::Env env)
{
	uv_loop_s *loop;

	napi_get_uv_event_loop(env, &loop);
	waiting = new Waiting(env);
	waiting->epoll = epoll_create1(EPOLL_CLOEXEC);
	waiting->watcher = static_cast<uv_poll_s *>(calloc(1, uv_handle_size(criu::UV_POLL_TYPE)));
	if (waiting->epoll < 0 || uv_poll_init(loop, waiting->watcher, waiting->epoll) ||
	    uv_poll_start(waiting->watcher, criu::UV_READABLE_EVENT, ready))
		throw Napi::Error::New(env, "pollFd: the event loop takes no more descriptors");
	count();
}

// pollFd(fd, events) -> promise of the events of epoll(7) that occurred, or of -errno. A descriptor may have one wait
// at a time.
Napi::Value poll_fd(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	int fd = info[0].As<Napi::Number>().Int32Value();
	epoll_event ev = {};

	if (!waiting)
		start(env);
	auto deferred = Napi::Promise::Deferred::New(env);

	ev.events = info[1].As<Napi::Number>().Uint32Value();
	ev.data.fd = fd;
	if (epoll_ctl(waiting->epoll, EPOLL_CTL_ADD, fd, &ev) < 0) {
		deferred.Resolve(Napi::Number::New(env, -errno));
		return deferred.Promise();
	}
	waiting->fds.emplace(fd, deferred);
	count();
	return deferred.Promise();
}

// pollCancel(fd): ends the wait for a descriptor with -ECANCELED.
Napi::Value poll_cancel(const Napi::CallbackInfo &info)
{
	if (waiting) {
		settle(info[0].As<Napi::Number>().Int32Value(), -ECANCELED);
		count();
	}
	return info.Env().Undefined();
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("pollFd", Napi::Function::New(env, poll_fd, "pollFd"));
	exports.Set("pollCancel", Napi::Function::New(env, poll_cancel, "pollCancel"));
});

} // namespace
