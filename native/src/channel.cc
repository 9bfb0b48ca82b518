// SPDX-License-Identifier: GPL-2.0-only
// Control sockets of agents in Node's event loop: a reply costs one wake-up and no thread. JavaScript gets replies
// whole (struct agent_reply, results, data), with their descriptors.
#include "addon.h"

#include "abi.h"
#include "event_loop.h"

#include <errno.h>
#include <map>
#include <stdlib.h>
#include <string.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using criu::UV_POLL_TYPE;
using criu::UV_READABLE_EVENT;

struct Channel {
	std::vector<uint8_t> bytes;
	std::vector<int> fds;
};

struct Reply {
	int fd;
	bool closed;
	std::vector<uint8_t> bytes;
	std::vector<int> fds;
};

struct Reactor {
	explicit Reactor(Napi::Env e) : env(e), context(e, "agent replies") {}

	Napi::Env env;
	Napi::AsyncContext context;
	Napi::FunctionReference callback;
	int epoll = -1;
	/* An eventfd that becomes readable when replies were read outside of the event loop. */
	int kick = -1;
	std::map<int, Channel> channels;
	uv_poll_s *watcher = nullptr;
};

Reactor *reactor;

void hand_over(const Reply &r)
{
	Napi::Env env = reactor->env;
	Napi::HandleScope scope(env);
	Napi::Array fds = Napi::Array::New(env, r.fds.size());

	for (size_t i = 0; i < r.fds.size(); i++)
		fds.Set(static_cast<uint32_t>(i), r.fds[i]);
	try {
		reactor->callback.MakeCallback(env.Global(),
					       { Napi::Number::New(env, r.fd), Napi::Boolean::New(env, r.closed),
						 Napi::Buffer<uint8_t>::Copy(env, r.bytes.data(), r.bytes.size()), fds },
					       reactor->context);
	} catch (const Napi::Error &e) {
		napi_fatal_exception(env, e.Value());
	}
}

// Returns false when the peer has closed the socket.
bool drain(int fd, Channel *c)
{
	for (;;) {
		uint8_t buf[65536];
		alignas(cmsghdr) uint8_t control[CMSG_SPACE(sizeof(int) * 253)];
		iovec iov = { buf, sizeof(buf) };
		msghdr msg = {};
		ssize_t n;

		msg.msg_iov = &iov;
		msg.msg_iovlen = 1;
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		n = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0)
			return false;
		for (cmsghdr *h = CMSG_FIRSTHDR(&msg); h; h = CMSG_NXTHDR(&msg, h))
			if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS) {
				size_t count = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
				const int *fds = reinterpret_cast<const int *>(CMSG_DATA(h));

				c->fds.insert(c->fds.end(), fds, fds + count);
			}
		c->bytes.insert(c->bytes.end(), buf, buf + n);
	}
}

// Takes complete replies off the buffer of a channel. The caller delivers them later, since the callback may change the
// map of channels.
void complete_replies(int fd, Channel *c, std::vector<Reply> *out)
{
	size_t at = 0;

	while (c->bytes.size() - at >= sizeof(agent_reply)) {
		agent_reply head;
		size_t total;

		memcpy(&head, c->bytes.data() + at, sizeof(head));
		total = sizeof(head) + static_cast<size_t>(head.nr_ops) * 8 + head.reply_size;
		if (c->bytes.size() - at < total)
			break;
		Reply r = { fd, false, {}, {} };
		r.bytes.assign(c->bytes.begin() + at, c->bytes.begin() + at + total);
		at += total;
		while (r.fds.size() < head.nr_fds && !c->fds.empty()) {
			r.fds.push_back(c->fds.front());
			c->fds.erase(c->fds.begin());
		}
		out->push_back(std::move(r));
	}
	c->bytes.erase(c->bytes.begin(), c->bytes.begin() + at);
}

void readable(uv_poll_s *, int, int)
{
	epoll_event events[64];
	std::vector<Reply> replies;
	int n = epoll_wait(reactor->epoll, events, 64, 0);

	for (int i = 0; i < n; i++) {
		int fd = events[i].data.fd;
		auto it = reactor->channels.find(fd);

		if (fd == reactor->kick) {
			uint64_t count;

			if (read(fd, &count, sizeof(count)) < 0)
				continue;
			for (auto &each : reactor->channels)
				complete_replies(each.first, &each.second, &replies);
		}
		if (it == reactor->channels.end())
			continue;
		bool alive = drain(fd, &it->second);
		complete_replies(fd, &it->second, &replies);
		if (!alive) {
			for (int left : it->second.fds)
				close(left);
			epoll_ctl(reactor->epoll, EPOLL_CTL_DEL, fd, nullptr);
			reactor->channels.erase(it);
			replies.push_back({ fd, true, {}, {} });
		}
	}
	for (const Reply &r : replies)
		hand_over(r);
}

// channelStart(callback(fd, closed, bytes, fds)): called once in a process.
Napi::Value start(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();

	if (reactor)
		throw Napi::Error::New(env, "channelStart: already started");
	uv_loop_s *loop;

	napi_get_uv_event_loop(env, &loop);
	reactor = new Reactor(env);
	reactor->epoll = epoll_create1(EPOLL_CLOEXEC);
	reactor->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	epoll_event ev = {};
	ev.events = EPOLLIN;
	ev.data.fd = reactor->kick;
	epoll_ctl(reactor->epoll, EPOLL_CTL_ADD, reactor->kick, &ev);
	reactor->callback = Napi::Persistent(info[0].As<Napi::Function>());
	reactor->callback.SuppressDestruct();
	reactor->watcher = static_cast<uv_poll_s *>(calloc(1, uv_handle_size(UV_POLL_TYPE)));
	if (reactor->epoll < 0 || uv_poll_init(loop, reactor->watcher, reactor->epoll) ||
	    uv_poll_start(reactor->watcher, UV_READABLE_EVENT, readable))
		throw Napi::Error::New(env, "channelStart: the event loop takes no more descriptors");
	uv_unref(reactor->watcher);
	return env.Undefined();
}

// channelRef(bool): sets whether pending replies keep the event loop alive.
Napi::Value ref(const Napi::CallbackInfo &info)
{
	if (info[0].As<Napi::Boolean>().Value())
		uv_ref(reactor->watcher);
	else
		uv_unref(reactor->watcher);
	return info.Env().Undefined();
}

Napi::Value add(const Napi::CallbackInfo &info)
{
	int fd = info[0].As<Napi::Number>().Int32Value();
	epoll_event ev = {};

	ev.events = EPOLLIN | EPOLLRDHUP;
	ev.data.fd = fd;
	reactor->channels[fd];
	int r = epoll_ctl(reactor->epoll, EPOLL_CTL_ADD, fd, &ev);
	return Napi::Number::New(info.Env(), r < 0 ? -errno : 0);
}

Napi::Value remove(const Napi::CallbackInfo &info)
{
	int fd = info[0].As<Napi::Number>().Int32Value();

	epoll_ctl(reactor->epoll, EPOLL_CTL_DEL, fd, nullptr);
	reactor->channels.erase(fd);
	return info.Env().Undefined();
}

// Waits until a full send buffer has room. An agent whose replies do not fit into its socket reads no messages, so
// replies are read meanwhile; the event loop delivers them later.
void wait_for_room(int fd)
{
	auto it = reactor ? reactor->channels.find(fd) : std::map<int, Channel>::iterator();
	bool ours = reactor && it != reactor->channels.end();
	pollfd p = { fd, static_cast<short>(POLLOUT | (ours ? POLLIN : 0)), 0 };
	uint64_t one = 1;

	if (poll(&p, 1, -1) <= 0 || !ours || !(p.revents & POLLIN))
		return;
	drain(fd, &it->second);
	if (write(reactor->kick, &one, sizeof(one)) < 0)
		return;
}

// channelSend(fd, bytes, fds[]) -> 0 or -errno. The caller has set a large send buffer, so that this rarely waits.
Napi::Value send(const Napi::CallbackInfo &info)
{
	int fd = info[0].As<Napi::Number>().Int32Value();
	Napi::Buffer<uint8_t> bytes = info[1].As<Napi::Buffer<uint8_t>>();
	Napi::Array fds = info[2].As<Napi::Array>();
	size_t count = fds.Length() > 253 ? 253 : fds.Length();
	size_t done = 0;

	while (done < bytes.Length()) {
		alignas(cmsghdr) uint8_t control[CMSG_SPACE(sizeof(int) * 253)] = {};
		iovec iov = { bytes.Data() + done, bytes.Length() - done };
		msghdr msg = {};
		ssize_t n;

		msg.msg_iov = &iov;
		msg.msg_iovlen = 1;
		if (count && done == 0) {
			msg.msg_control = control;
			msg.msg_controllen = CMSG_SPACE(sizeof(int) * count);
			cmsghdr *h = CMSG_FIRSTHDR(&msg);
			h->cmsg_level = SOL_SOCKET;
			h->cmsg_type = SCM_RIGHTS;
			h->cmsg_len = CMSG_LEN(sizeof(int) * count);
			for (size_t i = 0; i < count; i++)
				reinterpret_cast<int *>(CMSG_DATA(h))[i] = fds.Get(static_cast<uint32_t>(i)).As<Napi::Number>().Int32Value();
		}
		n = sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			wait_for_room(fd);
			continue;
		}
		if (n < 0)
			return Napi::Number::New(info.Env(), -errno);
		done += static_cast<size_t>(n);
	}
	return Napi::Number::New(info.Env(), 0);
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("channelStart", Napi::Function::New(env, start, "channelStart"));
	exports.Set("channelRef", Napi::Function::New(env, ref, "channelRef"));
	exports.Set("channelAdd", Napi::Function::New(env, add, "channelAdd"));
	exports.Set("channelRemove", Napi::Function::New(env, remove, "channelRemove"));
	exports.Set("channelSend", Napi::Function::New(env, send, "channelSend"));
});

} // namespace
