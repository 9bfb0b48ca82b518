// The `compel` command, run as its users run it (from its sources). Needs root for a running process.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { main } from '../src/cli/main.js';
import { isRoot, Lab } from './victim.js';

let lab: Lab;
beforeAll(() => {
  lab = new Lab();
});
afterAll(() => lab.close());

async function compel(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((s) => out.push(String(s)) > 0),
    vi.spyOn(process.stderr, 'write').mockImplementation((s) => err.push(String(s)) > 0),
  ];
  try {
    const code = await main(args);
    return { code, out: out.join(''), err: err.join('') };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test('what Makefiles need', async () => {
  expect((await compel('cflags')).out).toMatch(/-fPIE/);
  expect((await compel('ldflags')).out).toMatch(/-static-pie/);
  const include = /^-I (\S+)\n$/.exec((await compel('includes')).out)![1]!;
  expect(readFileSync(join(include, 'compel/parasite.h'), 'utf8')).toMatch(/COMPEL_COMMAND/);
  expect(readFileSync((await compel('libs')).out.trim(), 'utf8')).toMatch(/compel_enter/);
  expect((await compel('plugins')).out).toMatch(/fds/);
});

test('a wrong command line is exit code 2, a failure 1', async () => {
  expect((await compel('fly')).code).toBe(2);
  expect((await compel()).code).toBe(2);
  const missing = await compel('build', join(lab.dir, 'missing.c'), '-o', join(lab.dir, 'x.blob'));
  expect(missing.code).toBe(1);
  expect(missing.err).toMatch(/missing.c/);
});

test('a wrong call and a failure say what is wrong, and what to do', async () => {
  const usage = '  `compel --help` and `compel COMMAND --help` say more\n';
  expect((await compel('fly')).err).toBe(`compel: there is no command fly\n${usage}`);
  expect((await compel('syscall')).err).toBe(
    `compel: something is missing: compel syscall PID NAME [ARGUMENT...]\n${usage}`,
  );
  expect((await compel('hgen', '-f', 'x')).err).toBe(
    `compel: something is missing: compel hgen -f ELF -o BLOB\n${usage}`,
  );
  for (const word of ['x', '0', '12x'])
    expect((await compel('fds', word)).err).toBe(
      `compel: PID has to be the number of a process, and is ${word}\n${usage}`,
    );
  const gone = await compel('fds', '4000000');
  expect([gone.code, gone.err]).toEqual([
    1,
    'compel: cannot stop 4000000: there is no such task (NO_SUCH_TASK)\n  name a process that runs: `ps -e` lists them\n',
  ]);
});

test.skipIf(!isRoot)('build, inject, syscall and fds', async () => {
  const source = join(lab.dir, 'hello.c');
  writeFileSync(
    source,
    `#include <compel/parasite.h>
static const char *words[] = { "hello", "world" };
struct text { char bytes[16]; };
COMPEL_COMMAND(greet, struct text)
{
	for (int i = 0; i < 2; i++)
		compel_log("%s %s from %d", words[i], arg->bytes, (int)sys_getpid());
	compel_strlcpy(arg->bytes, "bye", sizeof(arg->bytes));
	return -3;
}
`,
  );
  const blob = join(lab.dir, 'hello.blob');
  const loader = join(lab.dir, 'hello.ts');
  const built = await compel('build', source, '-o', blob, '--loader', loader);
  expect(built.out).toMatch(/commands: greet/);
  expect(readFileSync(loader, 'utf8')).toMatch(/type Command = 'greet';/);

  const victim = await lab.victim('checker', '2');
  const injected = await compel('inject', String(victim.pid), blob, 'greet', 'you');
  expect(injected.err).toBe('');
  expect(injected.out.split('\n').slice(0, 3)).toEqual([
    `hello you from ${victim.pid}`,
    `world you from ${victim.pid}`,
    'result -3',
  ]);
  expect(injected.out).toContain(`argument ${Buffer.from('bye').toString('hex')}00`);

  expect((await compel('syscall', String(victim.pid), 'getpid')).out).toBe(`${victim.pid}\n`);
  const bad = await compel('syscall', String(victim.pid), 'close', '999');
  expect([bad.code, bad.out]).toEqual([1, '-1 EBADF\n']);
  const cwd = await compel('syscall', String(victim.pid), 'getcwd', 'out:64', '64');
  expect(Buffer.from(cwd.out.split('\n')[1]!, 'hex').toString()).toContain(process.cwd());
  expect((await compel('syscall', String(victim.pid), 'openat', '-100', '/nowhere', '0')).out).toBe(
    '-1 ENOENT\n',
  );
  expect((await compel('fds', String(victim.pid))).out).toMatch(/^0\tr/m);
  expect((await compel('inject', '4194303', blob)).err).toMatch(/cannot stop 4194303.*NO_SUCH_TASK/);
  expect(await victim.verdict()).toBe('ok');
});
