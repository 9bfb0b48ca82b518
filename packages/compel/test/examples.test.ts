// The examples of the package, on a C program, Debian's python3 and node. Needs root.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BlobError, BuildError, buildParasite, Parasite, readBlob, Tracer } from '@criu/compel';
import { close, sys } from '@criu/native';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeLimits } from '../examples/change-limits.mjs';
import { closeFd } from '../examples/close-fd.mjs';
import { listHandlers } from '../examples/list-handlers.mjs';
import { watchPage } from '../examples/parasite/run.mjs';
import { readFd } from '../examples/read-fd.mjs';
import { redirectStdout } from '../examples/redirect-stdout.mjs';
import { isRoot, Lab, until, type Victim } from './victim.js';

if (!isRoot) console.log('examples.test.ts: skipped: needs root');

const PYTHON = `
import os, signal, sys, time
signal.signal(signal.SIGUSR1, lambda *a: None)
f = open(sys.argv[1])
os.unlink(sys.argv[1]) if len(sys.argv) > 2 else None
n = 0
print("ready", flush=True)
while True:
    n += 1
    os.write(1, b"%d\\n" % n)
    time.sleep(0.005)
`;
const NODE = `
const fs = require('fs');
process.on('SIGUSR1', () => {});
const f = fs.openSync(process.argv[1]);
let n = 0;
process.stdout.write('ready\\n');
setInterval(() => fs.writeSync(1, ++n + '\\n'), 5);
`;

describe.skipIf(!isRoot)('examples', () => {
  let lab: Lab;
  let file: string;
  beforeAll(() => {
    lab = new Lab();
    file = join(lab.dir, 'open.txt');
    writeFileSync(file, 'what is open');
  });
  afterAll(() => lab.close());

  const victims: Record<string, (() => Promise<Victim>) | undefined> = {
    C: () => lab.victim('talker', file),
    python3: existsSync('/usr/bin/python3')
      ? () => lab.start('/usr/bin/python3', '-c', PYTHON, file)
      : undefined,
    node: () => lab.start(process.execPath, '-e', NODE, file),
  };

  function fdOf(pid: number): number {
    for (let fd = 3; fd < 100; fd++)
      try {
        if (readlinkSync(`/proc/${pid}/fd/${fd}`) === file) return fd;
      } catch {
        // Not that one.
      }
    return -1;
  }

  for (const [name, start] of Object.entries(victims))
    test.skipIf(!start)(`work on ${name}`, async () => {
      const victim = await start!();
      const { pid } = victim;
      const fd = fdOf(pid);
      expect((await readFd(pid, fd)).toString()).toBe('what is open');
      await closeFd(pid, fd);
      expect(fdOf(pid)).toBe(-1);

      await changeLimits(pid, { umask: 0o27, folder: lab.dir, files: 77 });
      expect(readlinkSync(`/proc/${pid}/cwd`)).toBe(lab.dir);
      expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/Max open files\s+77\s+77/);
      expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/Umask:\t0027/);

      const handlers: { signal: string; handler: string }[] = await listHandlers(pid);
      expect(handlers.find((h) => h.signal === 'SIGUSR1')?.handler).toMatch(/^0x/);

      const log = join(lab.dir, `${name}.log`);
      await redirectStdout(pid, log);
      const lines = await until('three numbers in the log', () => {
        const numbers = readFileSync(log, 'utf8').split('\n').slice(0, -1).map(Number);
        return numbers.length > 2 && numbers;
      });
      expect(lines).toEqual(lines.map((_, i) => lines[0]! + i));

      const pair = new Int32Array(2);
      sys('pipe2', pair, 0);
      const seen: string[] = [];
      const options = { fds: [pair[1]!], onLog: (l: string) => seen.push(l) };
      const result = await watchPage(pid, 3, options as never);
      expect(result.value).toBe(3n);
      expect(seen).toEqual(['watching from 0', 'now 1', 'now 2', 'now 3']);
      expect(result.fds).toHaveLength(1);
      const word = Buffer.alloc(8);
      expect(sys('read', pair[0]!, word, 8)).toBe(5);
      for (const f of [...pair, ...result.fds]) close(f);
      const before = readFileSync(log).length;
      await until('the log grows', () => readFileSync(log).length > before);
      victim.child.kill('SIGKILL');
    });

  test("a parasite's command gets an argument and gives a result, in threads too", async () => {
    const victim = await lab.victim('checker', '3');
    const blob = buildParasite([fileURLToPath(new URL('../examples/parasite/counter.c', import.meta.url))]);
    await using tracer = await Tracer.start();
    const task = await tracer.seize(victim.pid);
    const session = await task.infect();
    const parasite = await Parasite.load<'sum' | 'watch'>(session, blob);
    const at = task.threads[0]!.registers.rsp;
    const numbers = new Int32Array(new Uint8Array(task.readMemory(at, 400)).buffer);
    const arg = Buffer.alloc(24);
    arg.writeBigUInt64LE(at, 0);
    arg.writeBigInt64LE(100n, 8);
    const sum = numbers.reduce((a, b) => a + BigInt(b), 0n);
    for (const { tid } of task.threads) {
      const result = await parasite.call('sum', arg, { tid });
      expect(result.arg.readBigInt64LE(16)).toBe(sum);
      expect(result.log[0]).toContain(`in task ${victim.pid}: ${sum}`);
    }
    // @ts-expect-error there is no such command
    await expect(parasite.call('subtract')).rejects.toThrow(/no command subtract, but sum, watch/);
    await expect(parasite.call('sum', Buffer.alloc(3))).rejects.toThrow(/24 bytes, not 3/);
    await task.resume();
    expect(await victim.verdict()).toBe('ok');
  });

  test('a parasite that does not compile, and a blob that is none, say so', () => {
    const source = join(lab.dir, 'bad.c');
    writeFileSync(source, '#include <compel/parasite.h>\nint x = y;\n');
    expect(() => buildParasite([source])).toThrow(/bad.c:2/);
    expect(() => buildParasite([source], { cc: 'no-such-cc' })).toThrow(BuildError);
    writeFileSync(source, '#include <compel/parasite.h>\n');
    expect(() => buildParasite([source])).toThrow(/COMPEL_COMMAND/);
    expect(() => readBlob(Buffer.from('hello'))).toThrow(BlobError);
    const good = buildParasite([fileURLToPath(new URL('../examples/parasite/counter.c', import.meta.url))]);
    expect(() => readBlob(good.subarray(0, good.length - 1))).toThrow(BlobError);
  });

  test('a Makefile can build a parasite with the flags that the tool prints', async () => {
    const { CFLAGS, includeFolder, LDFLAGS, supportSources } = await import('../src/build.js');
    const source = fileURLToPath(new URL('../examples/parasite/counter.c', import.meta.url));
    const out = join(lab.dir, 'counter.elf');
    execFileSync('cc', [...CFLAGS, '-O1', '-I', includeFolder, '-c', source, '-o', `${out}.o`]);
    execFileSync('cc', [
      ...CFLAGS,
      '-O1',
      '-I',
      includeFolder,
      ...LDFLAGS,
      `${out}.o`,
      ...supportSources,
      '-o',
      out,
    ]);
    const { packElf } = await import('@criu/compel');
    expect(
      readBlob(packElf(readFileSync(out), 'counter'))
        .header.commands.map((c) => c.name)
        .sort(),
    ).toEqual(['sum', 'watch']);
  });
});
