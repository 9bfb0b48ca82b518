// Libraries that ask criu by RPC, unchanged: libcriu (C) and pycriu of Debian's package `criu`, and go-criu of its package.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildGoClient } from './go-client.mjs';
import { begin, criu, freshDir, run, script, test, until, work } from './kit.mjs';

/** Somebody to be dumped: it counts, has no terminal, and no files of others. */
async function victim() {
  const file = join(freshDir('victim'), 'n');
  const program = `${file}.sh`;
  script(
    program,
    `i=0; while :; do i=$((i+1)); echo $i > ${file}.new; mv ${file}.new ${file}; sleep 0.1; done`,
  );
  // Nobody here waits for it: it has to be gone when it has been dumped.
  const start = `cd /; setsid ${program} </dev/null >/dev/null 2>&1 & echo $!`;
  const pid = Number(run('sh', ['-c', start]));
  const count = () => {
    try {
      return Number(readFileSync(file, 'utf8'));
    } catch {
      return 0;
    }
  };
  await until('it counts', () => count() > 2);
  return { pid, count };
}

async function counts({ count }) {
  const at = count();
  await until('it counts on', () => count() > at + 2);
}

const C = `
#include <criu/criu.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int stages;
static int notified(char *action, criu_notify_arg_t na)
{
	(void)na;
	printf("stage %s\\n", action);
	stages++;
	return 0;
}
#define DO(call) do { int r = call; if (r < 0) { printf("%s: %d\\n", #call, r); return 1; } } while (0)

int main(int argc, char **argv)
{
	int dir = open(argv[2], O_DIRECTORY), pid = atoi(argv[3]);

	DO(criu_init_opts());
	criu_set_service_binary(argv[1]);
	DO(criu_check());
	DO(criu_get_version());
	printf("version %d\\n", criu_get_version());
	DO(criu_check_version(40200) > 0 ? 0 : -1);
	criu_set_images_dir_fd(dir);
	criu_set_log_level(4);
	criu_set_log_file("log");
	criu_set_notify_cb(notified);
	criu_set_pid(pid);
	criu_set_leave_running(true);
	DO(criu_dump());
	criu_set_leave_running(false);
	DO(criu_dump());
	while (kill(pid, 0) == 0)
		usleep(10000);
	pid = criu_restore_child();
	DO(pid);
	printf("restored %d after %d stages\\n", pid, stages);
	return stages > 4 ? 0 : 2;
}
`;

const PYTHON = `
import os, sys, time
import pycriu
c = pycriu.criu()
c.use_binary(sys.argv[1])
c.check()
c.opts.images_dir_fd = os.open(sys.argv[2], os.O_DIRECTORY)
c.opts.log_level = 4
c.opts.log_file = 'log'
c.opts.pid = int(sys.argv[3])
print(c.dump())
while os.path.exists('/proc/' + sys.argv[3]): time.sleep(0.01)
print('restored', c.restore())
`;

export default async function clients() {
  await test('libcriu: check, version, dump with stages, restore', async () => {
    const source = join(work, 'client.c');
    const program = join(work, 'client');
    writeFileSync(source, C);
    run('cc', ['-w', '-o', program, source, '-lcriu']);
    const who = await victim();
    try {
      const said = begin(program, [criu, freshDir(), String(who.pid)]);
      if (!said.includes('restored')) throw new Error(said);
      await counts(who);
    } finally {
      process.kill(who.pid, 'SIGKILL');
    }
  });
  await test('pycriu: check, dump, restore', async () => {
    const source = join(work, 'client.py');
    writeFileSync(source, PYTHON);
    const who = await victim();
    try {
      begin('/usr/bin/python3', [source, criu, freshDir(), String(who.pid)]);
      await counts(who);
    } finally {
      process.kill(who.pid, 'SIGKILL');
    }
  });
  await test('go-criu: version, features, pre-dump, dump with a parent, page server, a refusal, restore', async () => {
    const program = buildGoClient();
    const who = await victim();
    try {
      const said = begin(program, [criu, freshDir(), String(who.pid)]);
      if (!said.includes(`restored ${who.pid}`)) throw new Error(said);
      await counts(who);
    } finally {
      process.kill(who.pid, 'SIGKILL');
    }
  });
}
