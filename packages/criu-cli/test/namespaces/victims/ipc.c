// System V objects of all kinds in an IPC namespace of its own; a child has one segment attached, too.
#include "../../restore/victims/say.h"
#include <sched.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>

#define SIZE 5000
#define PAGES (SIZE + 4095 & ~4095)
#define LARGE (64 << 20)

struct message {
	long type;
	char text[3000];
};

// Only what CRIU restores, too: it has creators, next ids, sizes of queues, holes and removals go.
static int whole;
static char *keyed, *readonly, *removed, *holed;
static int shm_keyed, shm_removed, shm_large, shm_holed, queue, set;
static struct message sent[3] = { { 7, "first" }, { 1, "second, of type one" }, { 7, "third" } };
static int lengths[3] = { 6, 3000, 0 };

static int tunable(const char *name, const char *value)
{
	char path[100], now[100] = "";
	int fd, length;

	snprintf(path, sizeof(path), "/proc/sys/kernel/%s", name);
	fd = open(path, O_RDONLY);
	length = read(fd, now, sizeof(now) - 1);
	close(fd);
	return length > 0 && strncmp(now, value, strlen(value)) == 0;
}

static int set_tunable(const char *name, const char *value)
{
	char path[100];
	int fd, done;

	snprintf(path, sizeof(path), "/proc/sys/kernel/%s", name);
	fd = open(path, O_WRONLY);
	done = write(fd, value, strlen(value)) == strlen(value);
	close(fd);
	return done;
}

static void verify(int signal)
{
	struct shmid_ds shm;
	struct msqid_ds msg;
	struct semid_ds sem;
	struct message got;
	unsigned short values[3];
	char *large;

	CHECK(tunable("msgmax", "9000") && tunable("shmmax", "123456789") && tunable("sem", "300\t"));
	CHECK(whole || tunable("msg_next_id", "4711"));
	// The child had its say in the first byte.
	CHECK(keyed[0] == 'c' && strcmp(keyed + 1, "eyed") == 0 && strcmp(keyed + PAGES - 8, "tail") == 0);
	CHECK(strcmp(readonly + 1, "eyed") == 0);
	CHECK(shmget(0x1234, 0, 0) == shm_keyed && shmctl(shm_keyed, IPC_STAT, &shm) == 0);
	CHECK(shm.shm_segsz == SIZE && shm.shm_nattch == 3 && (shm.shm_perm.mode & 0777) == 0640);
	CHECK(shm.shm_perm.uid == 12 && shm.shm_perm.gid == 34 && shm.shm_perm.cuid == 0);
	CHECK(strcmp(removed, "removed") == 0 && shmctl(shm_removed, IPC_STAT, &shm) == 0);
	CHECK((whole || shm.shm_perm.mode & 01000) && shm.shm_nattch == 1);
	CHECK(holed[0] == 'h' && holed[4096 * 3] == 'o' && shmctl(shm_holed, IPC_STAT, &shm) == 0);
	CHECK(whole || (shm.shm_nattch == 2 && shm.shm_perm.cuid == 99 && shm.shm_perm.cgid == 98));
	CHECK(whole || msync(holed + 4096, 4096, MS_ASYNC) < 0 && errno == ENOMEM);
	large = shmat(shm_large, 0, 0);
	CHECK(large != (void *)-1 && large[0] == 0 && strcmp(large + LARGE / 2, "middle") == 0);
	CHECK(shmdt(large) == 0);

	CHECK(msgget(0x5678, 0) == queue && msgctl(queue, IPC_STAT, &msg) == 0);
	CHECK(msg.msg_qnum == 3 && (whole || msg.msg_qbytes == 10000) && msg.msg_perm.uid == 56);
	for (int i = 0; i < 3; i++) {
		CHECK(msgrcv(queue, &got, sizeof(got.text), i, IPC_NOWAIT | 040000) == lengths[i]);
		CHECK(got.type == sent[i].type && memcmp(got.text, sent[i].text, lengths[i]) == 0);
	}
	CHECK(semget(0x9abc, 3, 0) == set && semctl(set, 0, GETALL, values) == 0);
	CHECK(values[0] == 5 && values[1] == 0 && values[2] == 32767);
	CHECK(semctl(set, 0, IPC_STAT, &sem) == 0 && sem.sem_nsems == 3 && (sem.sem_perm.mode & 0777) == 0606);
	say("ok\n");
}

// Parts of it go with one call, and what was removed with the last who has it.
static void finish(int signal)
{
	struct shmid_ds shm;

	CHECK(shmdt(holed) == 0);
	CHECK(shmctl(shm_holed, IPC_STAT, &shm) == 0 && shm.shm_nattch == 0);
	CHECK(shmdt(removed) == 0);
	CHECK(shmctl(shm_removed, IPC_STAT, &shm) < 0 && errno == EINVAL);
	keyed[0] = 'K';
	say("finished\n");
}

int main(void)
{
	unsigned short values[3] = { 5, 0, 32767 };
	struct shmid_ds shm;
	struct msqid_ds msg;
	int told[2];
	char *large;

	whole = getenv("WHOLE") != 0;
	if (unshare(CLONE_NEWIPC))
		return 1;
	if (!set_tunable("msgmax", "9000") || !set_tunable("shmmax", "123456789") || !set_tunable("sem", "300 32000 100 50"))
		return 2;
	// Ids of a second round.
	for (int i = 0; i < 2; i++)
		shmctl(shmget(IPC_PRIVATE, 4096, 0600), IPC_RMID, 0);
	shm_keyed = shmget(0x1234, SIZE, IPC_CREAT | 0640);
	shmctl(shm_keyed, IPC_STAT, &shm);
	shm.shm_perm.uid = 12;
	shm.shm_perm.gid = 34;
	shmctl(shm_keyed, IPC_SET, &shm);
	keyed = shmat(shm_keyed, 0, 0);
	readonly = shmat(shm_keyed, 0, SHM_RDONLY);
	strcpy(keyed, "keyed");
	strcpy(keyed + PAGES - 8, "tail");
	shm_removed = shmget(IPC_PRIVATE, 4096, 0600);
	removed = shmat(shm_removed, 0, 0);
	strcpy(removed, "removed");
	shmctl(shm_removed, IPC_RMID, 0);
	shm_large = shmget(IPC_PRIVATE, LARGE, 0600);
	large = shmat(shm_large, 0, 0);
	strcpy(large + LARGE / 2, "middle");
	shmdt(large);
	setresgid(-1, 98, -1);
	setresuid(-1, 99, -1);
	shm_holed = shmget(IPC_PRIVATE, 4096 * 5, 0600);
	setresuid(-1, 0, -1);
	setresgid(-1, 0, -1);
	holed = shmat(shm_holed, 0, 0);
	holed[0] = 'h';
	holed[4096 * 3] = 'o';
	if (!whole) {
		munmap(holed + 4096, 4096 * 2);
		munmap(holed + 4096 * 4, 4096);
	}

	queue = msgget(0x5678, IPC_CREAT | 0600);
	msgctl(queue, IPC_STAT, &msg);
	msg.msg_perm.uid = 56;
	msg.msg_qbytes = 10000;
	msgctl(queue, IPC_SET, &msg);
	memset(sent[1].text + 100, 'x', 2900);
	for (int i = 0; i < 3; i++)
		if (msgsnd(queue, &sent[i], lengths[i], 0))
			return 3;
	set = semget(0x9abc, 3, IPC_CREAT | 0606);
	semctl(set, 0, SETALL, values);
	set_tunable("msg_next_id", "4711");
	if (getenv("POSIX_QUEUE")) {
		struct { long flags, maxmsg, msgsize, curmsgs, pad[4]; } attr = { 0, 1, 8, 0 };

		if (syscall(240, getenv("POSIX_QUEUE"), O_CREAT | O_RDWR, 0600, &attr) < 0)
			return 4;
		// It stays without anybody who has it open.
		close_range(3, ~0u, 0);
	}
	pipe(told);
	if (fork() == 0) {
		shmdt(readonly);
		shmdt(removed);
		shmdt(holed);
		keyed[0] = 'c';
		close(told[1]);
		for (;;)
			pause();
	}
	close(told[1]);
	read(told[0], values, 1);
	signal(SIGUSR1, verify);
	signal(SIGUSR2, finish);
	say("ready\n");
	for (;;)
		pause();
}
