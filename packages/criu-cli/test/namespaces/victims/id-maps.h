// Writes a file of a task that can only be written as a whole: uid_map, gid_map, setgroups.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void write_map(int pid, const char *name, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_WRONLY);
	if (write(fd, text, strlen(text)) != (int)strlen(text))
		_exit(20);
	close(fd);
}
