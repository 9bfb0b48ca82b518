// A listening socket that does not share its port, and two connections to it: of one nothing is left but what the kernel keeps
// of it for a minute, of the other only the server's end was closed. With ALL_CLOSED there is only the first.
#include "say.h"
#include <netinet/in.h>
#include <sys/socket.h>

static int listener, half;

static int address(struct sockaddr_in *to)
{
	socklen_t length = sizeof(*to);

	return getsockname(listener, (void *)to, &length);
}

static int connected(int *accepted)
{
	struct sockaddr_in to;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address(&to);
	if (connect(fd, (void *)&to, sizeof(to)) < 0)
		return -1;
	*accepted = accept(listener, 0, 0);
	return fd;
}

static void verify(int sig)
{
	char byte = 0;
	int client, server = -1;
	int shared = -1;
	socklen_t length = sizeof(shared);

	CHECK(getenv("ALL_CLOSED") || read(half, &byte, 1) == 0);
	CHECK((client = connected(&server)) >= 0 && server >= 0);
	CHECK(write(client, "x", 1) == 1 && read(server, &byte, 1) == 1 && byte == 'x');
	CHECK(!getsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &shared, &length) && shared == 0);
	close(server);
	usleep(10000);
	close(client);
	say("ok\n");
}

int main(void)
{
	struct sigaction action = { .sa_handler = verify };
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int client, server;

	listener = socket(AF_INET, SOCK_STREAM, 0);
	bind(listener, (void *)&any, sizeof(any));
	listen(listener, 4);
	client = connected(&server);
	close(server);
	usleep(10000);
	close(client);
	if (!getenv("ALL_CLOSED")) {
		half = connected(&server);
		close(server);
	}
	sigaction(SIGUSR1, &action, 0);
	say("ready\n");
	for (;;)
		pause();
}
