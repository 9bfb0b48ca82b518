// A task whose mount namespace has network namespaces bound to files, as ip-netns(8) has them: `empty`, which nothing else keeps,
// `used`, which a child is in, `host`, the one that the task itself is in, and with $OPEN a descriptor of a fourth that has lost its
// file. Each has an address of its own on its loopback device. With $UTS another kind of namespace is bound.
#define _GNU_SOURCE
#include "../../restore/victims/say.h"
#include "own-mounts.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char place[200];
static int home, nameless = -1, pair[2];

static char *in(const char *name)
{
	static char names[4][300];
	static int n;
	char *to = names[n++ % 4];

	snprintf(to, 300, "%s/%s", place, name);
	return to;
}

static void set_address(const char *address)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	struct sockaddr_in *to = (struct sockaddr_in *)&r.ifr_addr;
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	MUST(ioctl(s, SIOCSIFFLAGS, &r) == 0);
	*to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = inet_addr(address) };
	MUST(ioctl(s, SIOCSIFADDR, &r) == 0);
	close(s);
}

static const char *address_in(int netns)
{
	static char found[20];
	struct ifreq r = { .ifr_name = "lo" };
	int s;

	if (setns(netns, CLONE_NEWNET))
		return "no namespace";
	s = socket(AF_INET, SOCK_DGRAM, 0);
	if (ioctl(s, SIOCGIFADDR, &r))
		strcpy(found, "no address");
	else
		inet_ntop(AF_INET, &((struct sockaddr_in *)&r.ifr_addr)->sin_addr, found, sizeof(found));
	close(s);
	setns(home, CLONE_NEWNET);
	return found;
}

static const char *address_at(const char *name)
{
	int fd = open(in(name), O_RDONLY);
	const char *found = fd < 0 ? "no file" : address_in(fd);

	close(fd);
	return found;
}

static void bind_here(const char *name, const char *kind)
{
	char path[40];
	int fd = open(in(name), O_CREAT | O_RDONLY, 0);

	MUST(fd >= 0);
	close(fd);
	snprintf(path, sizeof(path), "/proc/thread-self/ns/%s", kind);
	MUST(mount(path, in(name), 0, MS_BIND, 0) == 0);
}

static void make(const char *name, const char *address)
{
	MUST(unshare(CLONE_NEWNET) == 0);
	set_address(address);
	bind_here(name, "net");
	MUST(setns(home, CLONE_NEWNET) == 0);
}

static ino_t inode(const char *path)
{
	struct stat s = { 0 };

	stat(path, &s);
	return s.st_ino;
}

static void verify(int signal)
{
	char text[300] = "ok\n", c = 0;
	ino_t of_child = 0;

	if (strcmp(address_at("empty"), "127.1.1.1"))
		snprintf(text, sizeof(text), "empty: %s\n", address_at("empty"));
	else if (strcmp(address_at("used"), "127.2.2.2"))
		snprintf(text, sizeof(text), "used: %s\n", address_at("used"));
	else if (strcmp(address_at("host"), "127.3.3.3"))
		snprintf(text, sizeof(text), "host: %s\n", address_at("host"));
	else if (nameless >= 0 && strcmp(address_in(nameless), "127.4.4.4"))
		snprintf(text, sizeof(text), "nameless: %s\n", address_in(nameless));
	else if (inode(in("host")) != inode("/proc/self/ns/net") || inode(in("host")) == inode(in("empty")))
		snprintf(text, sizeof(text), "host is another one\n");
	else if (write(pair[0], &c, 1) != 1 || read(pair[0], &of_child, sizeof(of_child)) != sizeof(of_child))
		snprintf(text, sizeof(text), "the child does not answer\n");
	else if (of_child != inode(in("used")))
		snprintf(text, sizeof(text), "the child is in %lu, not in %lu\n", of_child, inode(in("used")));
	// As every file that shows a namespace.
	if (!strcmp(text, "ok\n") && mount(in("empty"), in("again"), 0, MS_BIND, 0))
		snprintf(text, sizeof(text), "cannot be bound again: %s\n", strerror(errno));
	umount2(in("again"), MNT_DETACH);
	say(text);
}

int main(void)
{
	char c;

	leave_host();
	snprintf(place, sizeof(place), "%s", getenv("PLACE"));
	MUST(mount("place", place, "tmpfs", 0, 0) == 0 && mount(0, place, 0, MS_SHARED, 0) == 0);
	close(open(in("again"), O_CREAT | O_RDONLY, 0));
	MUST(unshare(CLONE_NEWNET) == 0 && (home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)) >= 0);
	set_address("127.3.3.3");
	bind_here("host", "net");
	make("empty", "127.1.1.1");
	make("used", "127.2.2.2");
	if (getenv("OPEN")) {
		make("gone", "127.4.4.4");
		MUST((nameless = open(in("gone"), O_RDONLY)) >= 0 && umount2(in("gone"), MNT_DETACH) == 0);
	}
	if (getenv("UTS"))
		bind_here("uts", "uts");
	MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	if (fork() == 0) {
		int fd = open(in("used"), O_RDONLY | O_CLOEXEC);

		MUST(setns(fd, CLONE_NEWNET) == 0);
		close(fd);
		close(pair[0]);
		while (read(pair[1], &c, 1) == 1) {
			ino_t own = inode("/proc/self/ns/net");

			write(pair[1], &own, sizeof(own));
		}
		_exit(0);
	}
	close(pair[1]);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
