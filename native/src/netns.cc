// SPDX-License-Identifier: GPL-2.0-only
// Sockets in other network namespaces. setns(2) moves a thread, and one that does not get back would take everything that it
// makes later along; so a process of its own enters the namespace. It shares memory and descriptors with us, as after
// vfork(2): what it opens is open here, and nothing needs to be sent.
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

struct Wish {
	int netns;
	int family;
	int type;
	int protocol;
	// A descriptor, or -errno.
	volatile int result;
};

int in_child(void *argument)
{
	Wish *wish = static_cast<Wish *>(argument);
	int fd;

	if (setns(wish->netns, CLONE_NEWNET) < 0) {
		wish->result = -errno;
		return 0;
	}
	fd = socket(wish->family, wish->type, wish->protocol);
	wish->result = fd < 0 ? -errno : fd;
	return 0;
}

// socketIn(netns, family, type, protocol) -> descriptor or -errno
Napi::Value socket_in(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Wish wish = { info[0].As<Napi::Number>().Int32Value(), info[1].As<Napi::Number>().Int32Value(),
		      info[2].As<Napi::Number>().Int32Value(), info[3].As<Napi::Number>().Int32Value(), -EINTR };
	const size_t stack_size = 65536;
	char *stack = static_cast<char *>(
		mmap(nullptr, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0));
	sigset_t all, old;
	int error;
	pid_t pid;

	if (stack == MAP_FAILED)
		return Napi::Number::New(env, -errno);
	// No handler of ours may run in the child.
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	// Without a signal at its end nobody but us hears of it.
	pid = clone(in_child, stack + stack_size, CLONE_VM | CLONE_VFORK | CLONE_FILES, &wish);
	error = errno;
	pthread_sigmask(SIG_SETMASK, &old, nullptr);
	if (pid > 0)
		while (waitpid(pid, nullptr, __WCLONE) < 0 && errno == EINTR)
			;
	munmap(stack, stack_size);
	return Napi::Number::New(env, pid < 0 ? -error : wish.result);
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("socketIn", Napi::Function::New(env, socket_in, "socketIn"));
});

} // namespace
