// Asks a service to dump it, and tells what it is answered: when it was dumped, and in its next life.
#include "../../restore/victims/say.h"
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

/* criu_resp: type (1) DUMP, success (2), dump (3) with restored (1). */
static const unsigned char DUMPED[] = { 0x08, 1, 0x10, 1, 0x1a, 2, 0x08, 0 };
static const unsigned char RESTORED[] = { 0x08, 1, 0x10, 1, 0x1a, 2, 0x08, 1 };

int main(void)
{
	struct sockaddr_un address = { AF_UNIX };
	unsigned char bytes[1024];
	char path[512];
	int images, n = 0, leave = getenv("LEAVE_RUNNING") != NULL;
	int sock = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	images = open(getenv("IMAGES"), O_RDONLY | O_DIRECTORY);
	strncpy(address.sun_path, getenv("SERVICE"), sizeof(address.sun_path) - 1);
	say("ready\n");
	/* Both ends are there before it begins. */
	snprintf(path, sizeof(path), "%s.go", getenv("RESULT"));
	while (access(path, F_OK))
		usleep(1000);
	if (connect(sock, (struct sockaddr *)&address, sizeof(address))) {
		say("cannot connect\n");
		return 1;
	}
	/* criu_req: type (1) DUMP, opts (2): images_dir_fd (1), leave_running (3). */
	bytes[n++] = 0x08;
	bytes[n++] = 1;
	bytes[n++] = 0x12;
	bytes[n++] = 4;
	bytes[n++] = 0x08;
	bytes[n++] = images;
	bytes[n++] = 0x18;
	bytes[n++] = leave;
	send(sock, bytes, n, 0);
	n = recv(sock, bytes, sizeof(bytes), 0);
	if (n == sizeof(DUMPED) && !memcmp(bytes, DUMPED, n))
		say("dumped\n");
	else if (n == sizeof(RESTORED) && !memcmp(bytes, RESTORED, n)) {
		/* Nobody is at the other end any more. */
		n = recv(sock, bytes, sizeof(bytes), 0);
		say(n == 0 ? "restored\n" : "restored, and not alone\n");
	} else
		say("not understood\n");
	for (;;)
		pause();
}
