// A server and its client, each in a network namespace of its own, joined by a pair of devices: connections on which messages of all
// sizes go there and back without a pause, and are looked at. Nobody is told of an end, or reads what was not sent.
#include "../../restore/victims/say.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define CONNECTIONS 8
#define LARGEST (96 << 10)
#define PORT 7272
#define SERVER "10.78.0.1"
#define CLIENT "10.78.0.2"

/* What client and server tell of themselves. */
static volatile struct {
	unsigned long rounds;
	int failed, line;
} *shared;

static char ground[LARGEST + 256];

static void fail_at(int line)
{
	shared->line = line;
	shared->failed = errno ? errno : -1;
	for (;;)
		pause();
}

#define NEED(what)                      \
	do {                            \
		errno = 0;              \
		if (!(what))            \
			fail_at(__LINE__); \
	} while (0)

static struct sockaddr *in(struct sockaddr_in *to, const char *address, int port)
{
	memset(to, 0, sizeof(*to));
	to->sin_family = AF_INET;
	to->sin_port = htons(port);
	inet_pton(AF_INET, address, &to->sin_addr);
	return (void *)to;
}

static int set_up(const char *name, const char *address)
{
	struct ifreq one = { 0 };
	int control = socket(AF_INET, SOCK_DGRAM, 0), result;

	strcpy(one.ifr_name, name);
	in((void *)&one.ifr_addr, address, 0);
	result = ioctl(control, SIOCSIFADDR, &one);
	in((void *)&one.ifr_netmask, "255.255.255.0", 0);
	result |= ioctl(control, SIOCSIFNETMASK, &one);
	one.ifr_flags = IFF_UP;
	result |= ioctl(control, SIOCSIFFLAGS, &one);
	close(control);
	return result;
}

/* Until the other end of the pair was moved here. */
static void await_device(const char *name)
{
	while (!if_nametoindex(name))
		usleep(1000);
}

/* Sends back what comes, as far as there is room. */
static void serve(void)
{
	struct {
		char kept[65536];
		int from, to;
	} *of = calloc(CONNECTIONS, sizeof(*of));
	struct pollfd fds[CONNECTIONS];
	struct sockaddr_in here;
	int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1, i, count;

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	NEED(bind(listener, in(&here, SERVER, PORT), sizeof(here)) == 0 && listen(listener, CONNECTIONS) == 0);
	for (i = 0; i < CONNECTIONS; i++) {
		fds[i].fd = accept(listener, 0, 0);
		NEED(fds[i].fd >= 0 && fcntl(fds[i].fd, F_SETFL, O_NONBLOCK) == 0);
	}
	for (;;) {
		for (i = 0; i < CONNECTIONS; i++)
			fds[i].events = of[i].to == 0 ? POLLIN : POLLOUT;
		if (poll(fds, CONNECTIONS, -1) < 0) {
			NEED(errno == EINTR);
			continue;
		}
		for (i = 0; i < CONNECTIONS; i++) {
			NEED(!(fds[i].revents & (POLLERR | POLLHUP)));
			if (fds[i].revents & POLLIN) {
				count = read(fds[i].fd, of[i].kept, sizeof(of[i].kept));
				NEED(count > 0);
				of[i].from = 0;
				of[i].to = count;
			}
			if (fds[i].revents & POLLOUT && of[i].to) {
				count = write(fds[i].fd, of[i].kept + of[i].from, of[i].to - of[i].from);
				NEED(count > 0);
				of[i].from += count;
				if (of[i].from == of[i].to)
					of[i].to = 0;
			}
		}
	}
}

static void load(void)
{
	struct {
		int size, sent, got, round;
	} of[CONNECTIONS] = { 0 };
	static char back[65536];
	struct pollfd fds[CONNECTIONS];
	struct sockaddr_in there;
	int i, count;

	for (i = 0; i < CONNECTIONS; i++) {
		fds[i].fd = socket(AF_INET, SOCK_STREAM, 0);
		while (connect(fds[i].fd, in(&there, SERVER, PORT), sizeof(there)))
			NEED(errno == ECONNREFUSED || errno == ENETUNREACH || errno == EHOSTUNREACH);
		NEED(fcntl(fds[i].fd, F_SETFL, O_NONBLOCK) == 0);
		of[i].size = 1 + i * 7919;
	}
	for (;;) {
		for (i = 0; i < CONNECTIONS; i++)
			fds[i].events = POLLIN | (of[i].sent < of[i].size ? POLLOUT : 0);
		if (poll(fds, CONNECTIONS, -1) < 0) {
			NEED(errno == EINTR);
			continue;
		}
		for (i = 0; i < CONNECTIONS; i++) {
			int shift = of[i].round & 0xff;

			NEED(!(fds[i].revents & (POLLERR | POLLHUP)));
			if (fds[i].revents & POLLIN) {
				count = read(fds[i].fd, back, sizeof(back));
				NEED(count > 0);
				NEED(of[i].got + count <= of[i].size);
				NEED(memcmp(back, ground + shift + of[i].got, count) == 0);
				of[i].got += count;
			}
			if (fds[i].revents & POLLOUT && of[i].sent < of[i].size) {
				count = write(fds[i].fd, ground + shift + of[i].sent, of[i].size - of[i].sent);
				NEED(count > 0);
				of[i].sent += count;
			}
			if (of[i].got < of[i].size)
				continue;
			of[i].size = 1 + (of[i].size * 31 + 7919) % LARGEST;
			of[i].sent = of[i].got = 0;
			of[i].round++;
			shared->rounds++;
		}
	}
}

static void verify(int signal)
{
	unsigned long before = shared->rounds;
	char text[80];
	int i;

	for (i = 0; i < 20000 && !shared->failed && shared->rounds < before + 4 * CONNECTIONS; i++)
		usleep(1000);
	if (shared->failed || shared->rounds == before) {
		sprintf(text, "line %d, errno %d, %lu rounds\n", shared->line, shared->failed, shared->rounds - before);
		say(text);
		return;
	}
	say("ok\n");
}

int main(void)
{
	int i, at = 1;

	for (i = 0; i < sizeof(ground); i++)
		ground[i] = at = (at * 75 + 74) % 65537;
	shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (i = 0; i < 2; i++)
		if (fork() == 0) {
			NEED(unshare(CLONE_NEWNET) == 0);
			await_device("eth0");
			NEED(set_up("eth0", i ? CLIENT : SERVER) == 0);
			i ? load() : serve();
		}
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
