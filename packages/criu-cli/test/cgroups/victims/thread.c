/* Two threads that do nothing, so that they can be put into different control groups. */
#include <pthread.h>
#include <unistd.h>
#include "../../restore/victims/say.h"

static void *second(void *arg)
{
	for (;;)
		pause();
	return arg;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, 0, second, 0);
	say("ready\n");
	second(0);
}
