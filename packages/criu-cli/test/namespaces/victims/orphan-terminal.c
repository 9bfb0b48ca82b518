// A task whose terminal is on a devpts of its own mount namespace, and whose parent has the other side; the parent is not dumped.
#include "../../restore/victims/say.h"
#include "own-mounts.h"
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

int main(void)
{
	char pts[300], got[20];
	int master, first, unlock = 0;

	leave_host();
	snprintf(pts, sizeof(pts), "%s/pts", getenv("PLACE"));
	MUST(!mkdir(pts, 0755) && !mount("devpts", pts, "devpts", 0, "ptmxmode=666"));
	strcat(pts, "/ptmx");
	MUST((first = open(pts, O_RDWR | O_NOCTTY)) >= 0 && (master = open(pts, O_RDWR | O_NOCTTY)) >= 0);
	MUST(!ioctl(master, TIOCSPTLCK, &unlock));
	if (fork() == 0) {
		int slave;

		setsid();
		strcpy(strrchr(pts, '/'), "/1");
		MUST((slave = open(pts, O_RDWR | O_NOCTTY)) >= 0);
		close(master);
		close(first);
		say("ready\n");
		for (;;) {
			ssize_t n = read(slave, got, sizeof(got));

			if (n > 0)
				say(n == 4 && !memcmp(got, "hey\n", 4) ? "ok\n" : "something else\n");
		}
	}
	wait(0);
	for (;;)
		pause();
}
