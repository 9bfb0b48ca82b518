// A terminal with a speed for which there is no constant.
#include "../../restore/victims/say.h"
#include <sys/ioctl.h>
#include <stdlib.h>

#define SPEED 123456
#define CODES 0x100f100f
/* BOTHER, for both directions. */
#define OWN_SPEED 0x10001000

/* struct termios2 of <asm/termbits.h>, which the C library's header excludes. */
struct settings {
	unsigned int input_flags, output_flags, control_flags, local_flags;
	unsigned char line, characters[19];
	unsigned int input_speed, output_speed;
};
#define GET _IOR('T', 0x2A, struct settings)
#define SET _IOW('T', 0x2B, struct settings)

static int terminal;

static void verify(int sig)
{
	struct settings settings;

	CHECK(!ioctl(terminal, GET, &settings));
	CHECK(settings.output_speed == SPEED && settings.input_speed == 2 * SPEED);
	CHECK((settings.control_flags & CODES) == OWN_SPEED && settings.characters[0] == 7);
	say("ok\n");
}

int main(void)
{
	struct sigaction action = { .sa_handler = verify };
	struct settings settings;

	terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	ioctl(terminal, GET, &settings);
	settings.control_flags = (settings.control_flags & ~CODES) | OWN_SPEED;
	settings.output_speed = SPEED;
	settings.input_speed = 2 * SPEED;
	settings.characters[0] = 7;
	ioctl(terminal, SET, &settings);
	sigaction(SIGUSR1, &action, NULL);
	say("ready\n");
	for (;;)
		pause();
}
