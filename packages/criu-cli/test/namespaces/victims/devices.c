// A task in a user namespace that sees the devices of the machine, in file systems that it cannot mount.
#include "../../restore/victims/say.h"
#include <sys/stat.h>

static dev_t devices;
static int zero;

static void verify(int signal)
{
	struct stat st;
	char c = 1;

	(void)signal;
	CHECK(stat("/dev", &st) == 0 && st.st_dev == devices);
	CHECK(read(zero, &c, 1) == 1 && c == 0);
	CHECK(access("/dev/null", W_OK) == 0 && access("/sys/class/net/lo", F_OK) == 0);
	say("ok\n");
}

int main(void)
{
	struct stat st;

	if (stat("/dev", &st))
		return 1;
	devices = st.st_dev;
	zero = open("/dev/zero", O_RDONLY);
	signal(SIGUSR1, verify);
	say(zero < 0 ? "failed\n" : "ready\n");
	for (;;)
		pause();
}
