// SPDX-License-Identifier: GPL-2.0-only
// Control sockets of agents: one thread waits for all of them, so that no wait ever blocks JavaScript.
// Replies arrive whole (struct agent_reply, results, data) together with the descriptors sent along.
#include "addon.h"

#include "abi.h"

#include <errno.h>
#include <map>
#include <mutex>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace {

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
	int epoll = -1;
	std::mutex lock;
	std::map<int, Channel> channels;
	Napi::ThreadSafeFunction deliver;
};

Reactor *reactor;

void hand_over(Reply *reply)
{
	reactor->deliver.BlockingCall(reply, [](Napi::Env env, Napi::Function callback, Reply *r) {
		Napi::Array fds = Napi::Array::New(env, r->fds.size());

		for (size_t i = 0; i < r->fds.size(); i++)
			fds.Set(static_cast<uint32_t>(i), r->fds[i]);
		callback.Call({ Napi::Number::New(env, r->fd), Napi::Boolean::New(env, r->closed),
				Napi::Buffer<uint8_t>::Copy(env, r->bytes.data(), r->bytes.size()), fds });
		delete r;
	});
}

// False when the peer is gone.
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

void complete_replies(int fd, Channel *c)
{
	while (c->bytes.size() >= sizeof(agent_reply)) {
		agent_reply head;
		size_t total;
		Reply *r;

		memcpy(&head, c->bytes.data(), sizeof(head));
		total = sizeof(head) + static_cast<size_t>(head.nr_ops) * 8 + head.reply_size;
		if (c->bytes.size() < total)
			return;
		r = new Reply{ fd, false, {}, {} };
		r->bytes.assign(c->bytes.begin(), c->bytes.begin() + total);
		c->bytes.erase(c->bytes.begin(), c->bytes.begin() + total);
		while (r->fds.size() < head.nr_fds && !c->fds.empty()) {
			r->fds.push_back(c->fds.front());
			c->fds.erase(c->fds.begin());
		}
		hand_over(r);
	}
}

void loop()
{
	for (;;) {
		epoll_event events[64];
		int n = epoll_wait(reactor->epoll, events, 64, -1);

		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			std::lock_guard<std::mutex> hold(reactor->lock);
			auto it = reactor->channels.find(fd);

			if (it == reactor->channels.end())
				continue;
			bool alive = drain(fd, &it->second);
			complete_replies(fd, &it->second);
			if (!alive) {
				for (int left : it->second.fds)
					close(left);
				epoll_ctl(reactor->epoll, EPOLL_CTL_DEL, fd, nullptr);
				reactor->channels.erase(it);
				hand_over(new Reply{ fd, true, {}, {} });
			}
		}
	}
}

// channelStart(callback(fd, closed, bytes, fds)): once in a process.
Napi::Value start(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();

	if (reactor)
		throw Napi::Error::New(env, "channelStart: already started");
	reactor = new Reactor;
	reactor->epoll = epoll_create1(EPOLL_CLOEXEC);
	reactor->deliver = Napi::ThreadSafeFunction::New(env, info[0].As<Napi::Function>(), "agent replies", 0, 1);
	reactor->deliver.Unref(env);
	std::thread(loop).detach();
	return env.Undefined();
}

// channelRef(bool): whether outstanding replies keep the event loop alive.
Napi::Value ref(const Napi::CallbackInfo &info)
{
	if (info[0].As<Napi::Boolean>().Value())
		reactor->deliver.Ref(info.Env());
	else
		reactor->deliver.Unref(info.Env());
	return info.Env().Undefined();
}

Napi::Value add(const Napi::CallbackInfo &info)
{
	int fd = info[0].As<Napi::Number>().Int32Value();
	epoll_event ev = {};
	std::lock_guard<std::mutex> hold(reactor->lock);

	ev.events = EPOLLIN | EPOLLRDHUP;
	ev.data.fd = fd;
	reactor->channels[fd];
	int r = epoll_ctl(reactor->epoll, EPOLL_CTL_ADD, fd, &ev);
	return Napi::Number::New(info.Env(), r < 0 ? -errno : 0);
}

Napi::Value remove(const Napi::CallbackInfo &info)
{
	int fd = info[0].As<Napi::Number>().Int32Value();
	std::lock_guard<std::mutex> hold(reactor->lock);

	epoll_ctl(reactor->epoll, EPOLL_CTL_DEL, fd, nullptr);
	reactor->channels.erase(fd);
	return info.Env().Undefined();
}

// channelSend(fd, bytes, fds[]) -> 0 or -errno. The socket's send buffer is made large enough by the caller; a
// full one is waited for, because an agent always reads.
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
		n = sendmsg(fd, &msg, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
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
