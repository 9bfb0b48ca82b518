// Two tasks in a UTS namespace of their own: both see its names, and one that changes them changes them for both. The name of
// the host is no UTF-8, that of the domain is.
#include "../../restore/victims/say.h"
#include <sched.h>
#include <sys/wait.h>

#define HOST "m\xfcsli"
#define DOMAIN "ex\xc3\xa4mple.org"

static int to_child[2], from_child[2];

static int names_are(const char *host, const char *domain)
{
	char now[65];

	return gethostname(now, 65) == 0 && strcmp(now, host) == 0 && getdomainname(now, 65) == 0 &&
	       strcmp(now, domain) == 0;
}

static void verify(int signal)
{
	char answer = 0;

	CHECK(names_are(HOST, DOMAIN));
	CHECK(sethostname("other", 5) == 0);
	CHECK(write(to_child[1], "?", 1) == 1 && read(from_child[0], &answer, 1) == 1 && answer == 'y');
	CHECK(sethostname(HOST, strlen(HOST)) == 0);
	say("ok\n");
}

int main(void)
{
	if (unshare(CLONE_NEWUTS) || sethostname(HOST, strlen(HOST)) || setdomainname(DOMAIN, strlen(DOMAIN)))
		return 1;
	pipe(to_child);
	pipe(from_child);
	if (fork() == 0) {
		char c;

		close(to_child[1]);
		if (getenv("NESTED"))
			unshare(CLONE_NEWUTS);
		while (read(to_child[0], &c, 1) == 1)
			write(from_child[1], names_are("other", DOMAIN) ? "y" : "n", 1);
		_exit(0);
	}
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
