// Sockets that listen at files which were reached through a symbolic link, or renamed since, or by a descriptor (KIND: `kept` or
// `descriptor`). Each has a connection; later ones are made by the present names.
#include "../../restore/victims/say.h"
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define SOCKETS 4

static struct {
	char bound[100], now[100];
	int listener, client, server;
} all[SOCKETS];
static int count;

static struct sockaddr_un address(const char *path)
{
	struct sockaddr_un address = { AF_UNIX };

	strcpy(address.sun_path, path);
	return address;
}

static int reach(const char *path)
{
	struct sockaddr_un to = address(path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (!connect(fd, (void *)&to, sizeof(to)))
		return fd;
	close(fd);
	return -1;
}

static void add(const char *bound, const char *now)
{
	struct sockaddr_un name = address(bound);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (bind(fd, (void *)&name, sizeof(name)) || listen(fd, 3))
		_exit(10);
	if (strcmp(bound, now))
		rename(bound, now);
	strcpy(all[count].bound, bound);
	strcpy(all[count].now, now);
	all[count].listener = fd;
	all[count].client = reach(now);
	all[count].server = accept(fd, NULL, NULL);
	write(all[count].client, "queued", 6);
	count++;
}

static void verify(int sig)
{
	struct sockaddr_un name;
	socklen_t length;
	char got[16];
	int i, fd;

	for (i = 0; i < count; i++) {
		length = sizeof(name);
		memset(&name, 0, sizeof(name));
		CHECK(!getsockname(all[i].listener, (void *)&name, &length) && !strcmp(name.sun_path, all[i].bound));
		CHECK(recv(all[i].server, got, sizeof(got), MSG_DONTWAIT | MSG_PEEK) == 6);
		CHECK((fd = reach(all[i].now)) >= 0);
		close(fd);
		CHECK((fd = accept(all[i].listener, NULL, NULL)) >= 0);
		close(fd);
		CHECK(!strcmp(all[i].bound, all[i].now) || access(all[i].bound, F_OK));
	}
	say("ok\n");
}

int main(void)
{
	struct sigaction action = { .sa_handler = verify };
	char folder[100], from[100], to[100];
	int fd;

	snprintf(folder, sizeof(folder), "%s.folder", getenv("RESULT"));
	mkdir(folder, 0755);
	chdir(folder);
	mkdir("real", 0755);
	symlink("real", "link");
	if (!strcmp(getenv("KIND"), "descriptor")) {
		fd = open("real", O_RDONLY | O_DIRECTORY);
		snprintf(from, sizeof(from), "/proc/self/fd/%d/socket", fd);
		add(from, from);
	} else {
		add("link/socket", "link/socket");
		add("real/new", "real/relative");
		snprintf(from, sizeof(from), "%s/new", folder);
		snprintf(to, sizeof(to), "%s/first", folder);
		add(from, to);
		snprintf(to, sizeof(to), "%s/second", folder);
		add(from, to);
	}
	sigaction(SIGUSR1, &action, NULL);
	say("ready\n");
	for (;;)
		pause();
}
