// Two connections wait to be accepted by a Unix socket.
#include "say.h"
#include <sys/socket.h>
#include <sys/un.h>

static int listener, clients[2];

static void verify(int signal)
{
	char room[4];

	for (int i = 0; i < 2; i++) {
		int fd = accept(listener, 0, 0);

		CHECK(fd >= 0);
		CHECK(write(clients[i], "x", 1) == 1 && read(fd, room, sizeof(room)) == 1);
		close(fd);
	}
	say("ok\n");
}

int main(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	snprintf(name.sun_path, sizeof(name.sun_path), "%s.socket", getenv("GHOST"));
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	bind(listener, (struct sockaddr *)&name, sizeof(name));
	listen(listener, 5);
	for (int i = 0; i < 2; i++) {
		clients[i] = socket(AF_UNIX, SOCK_STREAM, 0);
		connect(clients[i], (struct sockaddr *)&name, sizeof(name));
	}
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
