// A server for SOCK_SEQPACKET, which node has no sockets of: a small program.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratch } from '../dump/victim.js';
import { until } from '../support.js';

const SOURCE = `
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int listening = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	strcpy(addr.sun_path, argv[1]);
	if (bind(listening, (struct sockaddr *)&addr, sizeof(addr)) || listen(listening, 8))
		return 1;
	for (;;) {
		int fd = accept(listening, 0, 0);
		char buffer[64];
		ssize_t size;

		if (fork() == 0) {
			while ((size = recv(fd, buffer, sizeof(buffer), 0)) > 0)
				send(fd, buffer, size, MSG_NOSIGNAL);
			_exit(0);
		}
		close(fd);
	}
}
`;

export function echoServer(path: string): Disposable & { readonly ready: Promise<unknown> } {
  const program = join(scratch(), 'echo-server');
  if (!existsSync(program)) {
    writeFileSync(`${program}.c`, SOURCE);
    execFileSync('cc', ['-w', '-o', program, `${program}.c`]);
  }
  const child: ChildProcess = spawn(program, [path], { stdio: 'ignore', detached: true });
  return {
    ready: until('the server listens', () => existsSync(path)),
    [Symbol.dispose]() {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    },
  };
}
