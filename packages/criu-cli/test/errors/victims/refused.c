// Two tasks with much that cannot be dumped as it is: a file lock, a pidfd of somebody else, TCP connections; and a child
// whose main thread has ended while another thread runs (with DEAD_LEADER set: this process itself is one).
#include "../../restore/victims/say.h"
#include <netinet/in.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void connection(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);

	bind(listener, (void *)&a, n);
	listen(listener, 1);
	getsockname(listener, (void *)&a, &n);
	connect(client, (void *)&a, n);
	accept(listener, 0, 0);
	close(listener);
}

static void *thread(void *arg)
{
	(void)arg;
	for (;;)
		pause();
}

static void dead_leader(void)
{
	pthread_t t;

	pthread_create(&t, 0, thread, 0);
	syscall(SYS_exit, 0);
}

/* The state of a task's main thread. */
static char state(pid_t pid)
{
	char path[64], text[512] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY);
	read(fd, text, sizeof(text) - 1);
	close(fd);
	return strrchr(text, ')')[2];
}

static void verify(int signal)
{
	(void)signal;
	say("ok\n");
}

int main(void)
{
	pid_t child;

	signal(SIGUSR1, verify);
	if (getenv("DEAD_LEADER")) {
		say("ready\n");
		dead_leader();
	}
	flock(open(getenv("GHOST"), O_RDWR | O_CREAT, 0600), LOCK_EX);
	syscall(SYS_pidfd_open, getppid(), 0);
	connection();
	child = fork();
	if (child == 0) {
		close(3);
		close(4);
		connection();
		if (getenv("DEAD_CHILD"))
			dead_leader();
		thread(0);
	}
	while (getenv("DEAD_CHILD") && state(child) != 'Z')
		usleep(1000);
	say("ready\n");
	thread(0);
}
