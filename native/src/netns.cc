// SPDX-License-Identifier: GPL-2.0-only
// Opens sockets in other network namespaces. setns(2) moves the calling thread; if that thread could not return, all
// its later sockets would be in the wrong namespace. Therefore a child process enters the namespace. It shares memory
// and descriptors with this process, as after vfork(2), so the socket that it opens is open here.
#include "addon.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

struct Request {
	int netns;
	int family;
	int type;
	int protocol;
	// The descriptor of the socket, or -errno.
	volatile int result;
};

int in_child(void *argument)
{
	Request *request = static_cast<Request *>(argument);
	int fd;

	if (setns(request->netns, CLONE_NEWNET) < 0) {
		request->result = -errno;
		return 0;
	}
	fd = socket(request->family, request->type, request->protocol);
	request->result = fd < 0 ? -errno : fd;
	return 0;
}

// This thread waits for the child, so a real-time policy that children do not inherit (SCHED_RESET_ON_FORK) is inherited
// while this object lives: without it, the child would wait for a processor on a busy machine. Clearing the flag needs
// CAP_SYS_NICE; a refusal only makes the child slower.
class Inherited {
public:
	Inherited() : policy_(sched_getscheduler(0))
	{
		if (policy_ > 0 && (policy_ & SCHED_RESET_ON_FORK) && !sched_getparam(0, &param_))
			set_ = !sched_setscheduler(0, policy_ & ~SCHED_RESET_ON_FORK, &param_);
	}
	~Inherited()
	{
		if (set_)
			sched_setscheduler(0, policy_, &param_);
	}
	Inherited(const Inherited &) = delete;
	Inherited &operator=(const Inherited &) = delete;

private:
	int policy_;
	bool set_ = false;
	sched_param param_ = {};
};

// socketIn(netns, family, type, protocol) -> descriptor or -errno
Napi::Value socket_in(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Request request = { info[0].As<Napi::Number>().Int32Value(), info[1].As<Napi::Number>().Int32Value(),
			    info[2].As<Napi::Number>().Int32Value(), info[3].As<Napi::Number>().Int32Value(), -EINTR };
	const size_t stack_size = 65536;
	char *stack = static_cast<char *>(
		mmap(nullptr, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0));
	sigset_t all, old;
	int error;
	pid_t pid;

	if (stack == MAP_FAILED)
		return Napi::Number::New(env, -errno);
	// The child shares memory with this process: no signal handler may run in it.
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	// The exit signal 0 keeps waitpid(2) of other code, which lacks __WCLONE, from seeing the child.
	{
		Inherited policy;

		pid = clone(in_child, stack + stack_size, CLONE_VM | CLONE_VFORK | CLONE_FILES, &request);
		error = errno;
	}
	pthread_sigmask(SIG_SETMASK, &old, nullptr);
	if (pid > 0)
		while (waitpid(pid, nullptr, __WCLONE) < 0 && errno == EINTR)
			;
	munmap(stack, stack_size);
	return Napi::Number::New(env, pid < 0 ? -error : request.result);
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("socketIn", Napi::Function::New(env, socket_in, "socketIn"));
});

} // namespace
