// Stopping, infecting and curing tasks. Needs root.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { Program, StateError, StopError, Tracer, VictimError } from '@criu/compel';
import { close, sys } from '@criu/native';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRoot, Lab, until } from './victim.js';

if (!isRoot) console.log('tracer.test.ts: skipped: needs root');

describe.skipIf(!isRoot)('tracer', () => {
  let lab: Lab;
  beforeAll(() => {
    lab = new Lab();
  });
  afterAll(() => lab.close());

  function getpids(): [
    Program,
    { pid: ReturnType<Program['syscall']>; tid: ReturnType<Program['syscall']> },
  ] {
    const p = new Program('who');
    return [p, { pid: p.syscall('getpid', []), tid: p.syscall('gettid', []) }];
  }

  test('a task with threads is stopped, infected, cured and goes on', async () => {
    const victim = await lab.victim('checker', '4');
    const before = readFileSync(`/proc/${victim.pid}/maps`, 'utf8');
    await using tracer = await Tracer.start();
    const task = await tracer.seize(victim.pid);
    const tids = (ids: number[]) => ids.sort((a, b) => a - b);
    expect(tids(task.threads.map((t) => t.tid))).toEqual(
      tids(readdirSync(`/proc/${victim.pid}/task`).map(Number)),
    );
    const session = await task.infect();
    for (const { tid } of task.threads) {
      const [p, steps] = getpids();
      const r = await session.run(p, { tid });
      expect([r.value(steps.pid), r.value(steps.tid)]).toEqual([victim.pid, tid]);
    }
    await session.cure();
    expect(readFileSync(`/proc/${victim.pid}/maps`, 'utf8')).toBe(before);
    await task.resume();
    expect(await victim.verdict()).toBe('ok');
  });

  test('registers, XSAVE areas and masks after a cure are those from before', async () => {
    const victim = await lab.victim('checker', '8');
    await using tracer = await Tracer.start();
    const task = await tracer.seize(victim.pid);
    const before = await task.collect();
    const session = await task.infect();
    for (const { tid } of task.threads) await session.run(getpids()[0], { tid });
    await session.cure();
    await task.resume();
    expect(before.threads[0]!.xsave!.length).toBeGreaterThan(575);
    expect(before.threads[0]!.rseq.pointer).not.toBe(0n);
    expect(await victim.verdict()).toBe('ok');
  });

  test('descriptors go in both directions', async () => {
    const victim = await lab.victim('checker', '1');
    const fdsBefore = readdirSync(`/proc/${victim.pid}/fd`);
    await using tracer = await Tracer.start();
    const task = await tracer.seize(victim.pid);
    const session = await task.infect();
    const pair = new Int32Array(2);
    sys('pipe2', pair, 0);
    const p = new Program('both ways');
    const into = p.fd(pair[1]!);
    p.full('write', [into, p.data(Buffer.from('hello')), 5]);
    p.sendFd(0);
    p.syscall('close', [into]);
    for (const tid of [victim.pid, task.threads[1]!.tid]) {
      const r = await session.run(p, { tid });
      expect(readlinkSync(`/proc/self/fd/${r.fds[0]}`)).toBe(readlinkSync(`/proc/${victim.pid}/fd/0`));
      const got = Buffer.alloc(8);
      expect(sys('read', pair[0]!, got, 8)).toBe(5);
      for (const fd of r.fds) close(fd);
    }
    for (const fd of pair) close(fd);
    await task.resume();
    expect(readdirSync(`/proc/${victim.pid}/fd`)).toEqual(fdsBefore);
    expect(await victim.verdict()).toBe('ok');
  });

  test('one system call without an agent', async () => {
    const victim = await lab.victim('checker', '1');
    await using tracer = await Tracer.start();
    const task = await tracer.seize(victim.pid);
    expect(await task.syscall('getpid')).toBe(BigInt(victim.pid));
    expect(await task.syscall('close', [999])).toBe(-9n);
    await task.resume();
    expect(await victim.verdict()).toBe('ok');
  });

  test('calls in the wrong state say so', async () => {
    const victim = await lab.victim('checker', '1');
    await using tracer = await Tracer.start();
    const task = await tracer.seize(victim.pid);
    const session = await task.infect();
    await expect(task.infect()).rejects.toThrow(StateError);
    await session.cure();
    await expect(session.run(new Program())).rejects.toThrow(/cured/);
    await task.resume();
    await expect(task.resume()).rejects.toThrow(
      `task ${victim.pid} is released; this needs it seized or infected`,
    );
  });

  test('what cannot be stopped is an error with a code', async () => {
    await using tracer = await Tracer.start();
    await using other = await Tracer.start();
    const code = (pid: number) =>
      tracer.seize(pid).then(
        () => 'seized',
        (e: unknown) => (e instanceof StopError ? e.code : e),
      );
    const victim = await lab.victim('checker', '1');
    await other.seize(victim.pid);
    expect(await code(victim.pid)).toBe('TRACED');
    expect(await code(process.pid)).toBe('SELF');
    expect(await code(2)).toBe('KERNEL_THREAD');
    expect(await code(4194304 - 1)).toBe('NO_SUCH_TASK');
  });

  test('a zombie is refused', async () => {
    await using tracer = await Tracer.start();
    const zombie = await lab.start('/bin/sh', '-c', 'echo ready; sleep 0 & exec sleep 60');
    const children = `/proc/${zombie.pid}/task/${zombie.pid}/children`;
    const child = await until('the child has ended', () => {
      const pid = Number(readFileSync(children, 'utf8'));
      return pid > 0 && /^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')) && pid;
    });
    await expect(tracer.seize(child)).rejects.toMatchObject({ code: 'ZOMBIE' });
  });

  test('a thread in 32-bit code is refused, and runs on', async ({ skip }) => {
    const compat = await lab.victim('waiter', 'compat');
    const line = await compat.line();
    if (line !== 'compat') skip(`32-bit code does not run on this machine: it ends with ${line}`);
    await using tracer = await Tracer.start();
    const task = await tracer.seize(compat.pid);
    await expect(task.infect()).rejects.toMatchObject({ code: 'COMPAT_32BIT' });
    expect(task.state).toBe('seized');
    await task.resume();
  });

  test('victims in a user namespace, and of another user, are infected', async () => {
    const program = lab.build('checker');
    const victims = [
      await lab.start('/usr/bin/unshare', '-U', '-m', '-i', '-n', program, '2'),
      await lab.start('/usr/bin/setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', program, '2'),
    ];
    await using tracer = await Tracer.start();
    const tasks = await tracer.seizeMany(victims.map((v) => v.pid));
    const sessions = await Promise.all(tasks.map((t) => t.infect()));
    const results = await Promise.all(
      sessions.map(async (s) => {
        const p = new Program('uid');
        const uid = p.syscall('getuid', []);
        p.sendFd(0);
        p.syscall('close', [p.fd(0)]);
        const r = await s.run(p);
        for (const fd of r.fds) close(fd);
        return r.value(uid);
      }),
    );
    expect(results).toEqual([65534, 65534]);
    await tracer.releaseMany(tasks);
    expect(await Promise.all(victims.map((v) => v.verdict()))).toEqual(['ok', 'ok']);
  });

  test('a victim that is killed in the middle is an error', async () => {
    const victim = await lab.victim('checker', '4');
    await using tracer = await Tracer.start();
    const task = await tracer.seize(victim.pid);
    const session = await task.infect();
    const p = new Program('wait for ever');
    p.syscall('pause', []);
    const running = session.run(p);
    setTimeout(() => process.kill(victim.pid, 'SIGKILL'), 50);
    const error = await running.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(VictimError);
    expect((error as VictimError).code).toBe('DIED');
    expect((await victim.exit).signal).toBe('SIGKILL');
    expect(task.state).toBe('dead');
  });
});
