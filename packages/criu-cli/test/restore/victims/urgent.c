// A TCP connection to itself, with a byte of urgent data among what is not read.
#include "say.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static int ends[2];

static void verify(int signal)
{
	char room[16];

	CHECK(recv(ends[1], room, sizeof(room), MSG_DONTWAIT) == 6 && memcmp(room, "before", 6) == 0);
	CHECK(recv(ends[1], room, 1, MSG_OOB | MSG_DONTWAIT) == 1 && room[0] == '!');
	CHECK(recv(ends[1], room, sizeof(room), MSG_DONTWAIT) == 5 && memcmp(room, "after", 5) == 0);
	say("ok\n");
}

int main(void)
{
	struct sockaddr_in a = { AF_INET, 0, { htonl(INADDR_LOOPBACK) } };
	socklen_t length = sizeof(a);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	bind(listener, (void *)&a, sizeof(a));
	listen(listener, 1);
	getsockname(listener, (void *)&a, &length);
	ends[0] = socket(AF_INET, SOCK_STREAM, 0);
	connect(ends[0], (void *)&a, sizeof(a));
	ends[1] = accept(listener, NULL, NULL);
	close(listener);
	send(ends[0], "before", 6, 0);
	send(ends[0], "!", 1, MSG_OOB);
	send(ends[0], "after", 5, 0);
	signal(SIGUSR1, verify);
	usleep(100000);
	say("ready\n");
	for (;;)
		pause();
}
