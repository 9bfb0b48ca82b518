// A socket whose peer is not dumped, a file that nobody knows (the context of fsopen(2)), and memory: all have to work after a
// restore. The peer echoes what it gets.
#include "../../restore/victims/say.h"
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>

static int sock = -1, file = -1;
static void *mapped = MAP_FAILED;

static void verify(int signal)
{
	char buffer[64] = "";
	struct stat st;

	(void)signal;
	if (sock >= 0 && (send(sock, "hello", 5, 0) != 5 || recv(sock, buffer, sizeof(buffer), 0) != 5)) {
		snprintf(buffer, sizeof(buffer), "failed: socket: %s\n", strerror(errno));
		say(buffer);
	} else if (file >= 0 && (fstat(file, &st) || (getenv("GIVEN") && !S_ISREG(st.st_mode) && getenv("BACK")))) {
		say("failed: file\n");
	} else if (getenv("DEVICE") && msync(mapped, 4096, MS_ASYNC)) {
		say("failed: mapping\n");
	} else {
		say("ok\n");
	}
}

int main(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct timeval limit = { 5, 0 };

	if (getenv("PEER")) {
		sock = socket(AF_UNIX, SOCK_SEQPACKET, 0);
		strcpy(addr.sun_path, getenv("PEER"));
		if (connect(sock, (struct sockaddr *)&addr, sizeof(addr)))
			say("failed: connect\n");
		setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	}
	if (getenv("UNKNOWN"))
		file = syscall(SYS_fsopen, "tmpfs", 1);
	if (getenv("DEVICE")) {
		int device = open(getenv("DEVICE"), O_RDONLY);

		mapped = mmap(NULL, 4096, PROT_READ, MAP_SHARED, device, 0);
		close(device);
	}
	signal(SIGUSR1, verify);
	say(getenv("UNKNOWN") && file < 0 ? "failed: fsopen\n" : "ready\n");
	for (;;)
		pause();
}
