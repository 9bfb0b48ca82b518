// Datagram sockets whose peers were closed: what these have sent can still be read, the next message is refused, and then there is no
// connection any more. The names of the peers belong to other sockets by now.
#include "../../restore/victims/say.h"
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#define KINDS 4
#define ABSTRACT 2

/* Without names; with a path and a stranger's message; with an abstract name; without names and with a message. */
static int ours[KINDS], successor[KINDS], stranger;
static struct sockaddr_un peers[KINDS], named;
static socklen_t lengths[KINDS];

static int bound(struct sockaddr_un *address, socklen_t *length, const char *name, int abstract)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	snprintf(address->sun_path + abstract, 100, "%s.%s", getenv("RESULT"), name);
	*length = offsetof(struct sockaddr_un, sun_path) + abstract + strlen(address->sun_path + abstract) + !abstract;
	unlink(address->sun_path);
	return bind(fd, (void *)address, *length) ? -1 : fd;
}

static int sent(int from, const struct sockaddr_un *to, const char *text)
{
	return sendto(from, text, strlen(text), 0, (const void *)to, to ? sizeof(*to) : 0) == (ssize_t)strlen(text);
}

static int comes(int fd, const char *text)
{
	char got[16];

	return recv(fd, got, sizeof(got), MSG_DONTWAIT) == (ssize_t)strlen(text) && !memcmp(got, text, strlen(text));
}

static void check(void)
{
	struct sockaddr_un peer;
	socklen_t length = sizeof(peer);
	int i;

	memset(&peer, 0, sizeof(peer));
	CHECK(getpeername(ours[1], (void *)&peer, &length) == 0 && !strcmp(peer.sun_path, peers[1].sun_path));
	CHECK(comes(ours[1], "before"));
	CHECK(comes(ours[1], "last"));
	CHECK(comes(ours[3], "last"));
	CHECK(!sent(stranger, &named, "after") && errno == EPERM);
	for (i = 0; i < KINDS; i++) {
		CHECK(!sent(ours[i], NULL, "x") && errno == ECONNREFUSED);
		CHECK(!sent(ours[i], NULL, "x") && errno == ENOTCONN);
	}
	CHECK(sent(stranger, &named, "after") && comes(ours[1], "after"));
	for (i = 1; i <= ABSTRACT; i++)
		CHECK(sendto(ours[i], "new", 3, 0, (void *)&peers[i], lengths[i]) == 3 && comes(successor[i], "new"));
	say("ok\n");
}

int main(void)
{
	sigset_t mask;
	int peer[KINDS], pair[2], i, signal;
	socklen_t length;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	for (i = 0; i < KINDS; i += 3) {
		socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
		ours[i] = pair[0];
		peer[i] = pair[1];
	}
	stranger = socket(AF_UNIX, SOCK_DGRAM, 0);
	ours[1] = bound(&named, &length, "ours", 0);
	sent(stranger, &named, "before");
	ours[ABSTRACT] = socket(AF_UNIX, SOCK_DGRAM, 0);
	for (i = 1; i <= ABSTRACT; i++) {
		peer[i] = bound(&peers[i], &lengths[i], "peer", i == ABSTRACT);
		connect(ours[i], (void *)&peers[i], lengths[i]);
	}
	sent(peer[1], &named, "last");
	sent(peer[3], NULL, "last");
	for (i = 0; i < KINDS; i++)
		close(peer[i]);
	for (i = 1; i <= ABSTRACT; i++)
		successor[i] = bound(&peers[i], &lengths[i], "peer", i == ABSTRACT);
	say("ready\n");
	sigwait(&mask, &signal);
	check();
	return 0;
}
