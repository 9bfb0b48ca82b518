// How a victim answers: one line, in a file that appears at once.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(const char *text)
{
	int fd = open(getenv("RESULT"), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	write(fd, text, strlen(text));
	close(fd);
	rename(getenv("RESULT"), getenv("RESULT_DONE"));
}

#define CHECK(x)                                                                             \
	do {                                                                                 \
		if (!(x)) {                                                                  \
			char text[256];                                                      \
			snprintf(text, sizeof(text), "line %d: %s (errno %d)\n", __LINE__, #x, errno); \
			say(text);                                                           \
			return;                                                              \
		}                                                                            \
	} while (0)
