// What a task does while it is infected and cured must not be noticed by it. Needs root.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Program, type Task, Tracer } from '@criu/compel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRoot, Lab, until } from './victim.js';

if (!isRoot) console.log('exact.test.ts: skipped: needs root');

function status(pid: number, ...fields: string[]): string[] {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').split('\n');
  return fields.map((f) => lines.find((l) => l.startsWith(`${f}:`)) ?? '');
}

/** Waits until job control has stopped a task. */
async function stopped(pid: number): Promise<void> {
  await until(`${pid} is stopped`, () => /T \(stopped\)/.test(status(pid, 'State')[0]!));
}

async function visit(task: Task): Promise<void> {
  const session = await task.infect();
  const p = new Program('visit');
  const pid = p.syscall('getpid', []);
  expect((await session.run(p)).value(pid)).toBe(task.pid);
  await session.cure();
}

describe.skipIf(!isRoot)('a visited task', () => {
  let lab: Lab;
  let tracer: Tracer;
  beforeAll(async () => {
    lab = new Lab();
    tracer = await Tracer.start();
  });
  afterAll(async () => {
    await tracer.close();
    lab.close();
  });

  for (const mode of ['nanosleep', 'poll', 'futex', 'sigsuspend', 'handler', 'vdso'])
    test(`does not notice it in ${mode}`, async () => {
      const victim = await lab.victim('waiter', mode);
      // The victim waits for half a second; on a busy machine fewer visits fit into that.
      let task = await tracer.seize(victim.pid);
      for (let i = 0, end = Date.now() + 350; i < 12 && (i === 0 || Date.now() < end); i++) {
        if (i > 0) {
          await sleep(20);
          const next = await tracer.seize(victim.pid).catch(() => undefined);
          if (!next) break;
          task = next;
        }
        await visit(task);
        if (i % 3 === 0) await visit(task);
        await task.resume();
      }
      expect(await victim.line()).toBe(`ok ${mode}`);
    });

  test('does not notice it in a blocking read', async () => {
    const victim = await lab.victim('waiter', 'read');
    const task = await tracer.seize(victim.pid);
    await visit(task);
    await task.resume();
    expect(await victim.verdict()).toBe('ok read');
  });

  test('keeps SIGTRAP ignored', async () => {
    const victim = await lab.victim('waiter', 'trapignored');
    await victim.line();
    const task = await tracer.seize(victim.pid);
    await visit(task);
    await task.resume();
    expect(await victim.verdict()).toBe('ok SIGTRAP stays ignored');
  });

  test('keeps a blocked SIGTRAP pending', async () => {
    const victim = await lab.victim('waiter', 'trapblocked');
    await victim.line();
    const task = await tracer.seize(victim.pid);
    const state = await task.collect();
    expect(state.sharedPending.map((s) => s.readInt32LE(0))).toEqual([5]);
    await visit(task);
    await task.resume();
    expect(await victim.verdict()).toBe('ok SIGTRAP stays pending');
  });

  for (const mode of ['strict', 'filter'])
    test(`under seccomp ${mode} can be infected`, async () => {
      const victim = await lab.victim('waiter', mode);
      await until('seccomp is on', () => /[12]/.test(status(victim.pid, 'Seccomp')[0]!));
      const task = await tracer.seize(victim.pid);
      const state = await task.collect();
      expect(state.threads[0]!.seccomp.map((f) => f.instructions.length)).toEqual(
        mode === 'filter' ? [48] : [],
      );
      await visit(task);
      await task.resume();
      expect(await victim.verdict()).toBe(`ok ${mode}`);
    });

  test('that refuses writable code can be infected', async () => {
    const victim = await lab.victim('waiter', 'mdwe');
    await victim.line();
    const task = await tracer.seize(victim.pid);
    await visit(task);
    await task.resume();
    expect(await victim.verdict()).toBe('ok mdwe');
  });

  test('with a thread in vfork() is infected through another thread, and the vfork() ends well', async () => {
    const victim = await lab.victim('waiter', 'vfork');
    await until('the vfork() child is there', () =>
      readdirSync(`/proc/${victim.pid}/task`).some(
        (tid) => readFileSync(`/proc/${victim.pid}/task/${tid}/children`, 'utf8') !== '',
      ),
    );
    const task = await tracer.seize(victim.pid);
    expect(task.threads.map((t) => t.stopped.kind)).toEqual(['running', 'vfork']);
    await visit(task);
    await task.resume();
    // The child waits for the end of its standard input.
    expect(await victim.verdict()).toBe('ok vfork');
  });

  test('that was stopped by job control stays stopped, and continues when told', async () => {
    const victim = await lab.victim('checker', '3');
    process.kill(victim.pid, 'SIGSTOP');
    await stopped(victim.pid);
    const task = await tracer.seize(victim.pid);
    expect(task.threads[1]!.stopped).toEqual({ kind: 'stopped', signal: 19 });
    await visit(task);
    await task.resume();
    await stopped(victim.pid);
    process.kill(victim.pid, 'SIGCONT');
    expect(await victim.verdict()).toBe('ok');
  });

  test('is left stopped when asked', async () => {
    const victim = await lab.victim('checker', '3');
    const task = await tracer.seize(victim.pid);
    await visit(task);
    await task.leaveStopped();
    await stopped(victim.pid);
    process.kill(victim.pid, 'SIGCONT');
    expect(await victim.verdict()).toBe('ok');
  });

  test('gets a SIGSTOP that came in the meantime', async () => {
    const victim = await lab.victim('checker', '2');
    const task = await tracer.seize(victim.pid);
    const session = await task.infect();
    process.kill(victim.pid, 'SIGSTOP');
    const p = new Program();
    for (let i = 0; i < 100; i++) p.syscall('getpid', []);
    await session.run(p);
    await task.resume();
    await stopped(victim.pid);
    process.kill(victim.pid, 'SIGCONT');
    expect(await victim.verdict()).toBe('ok');
  });

  test('has the same status after a cure', async () => {
    const victim = await lab.victim('checker', '2');
    const fields = ['SigPnd', 'ShdPnd', 'SigBlk', 'SigIgn', 'SigCgt', 'VmSize', 'FDSize', 'TracerPid'];
    const before = status(victim.pid, ...fields);
    const task = await tracer.seize(victim.pid);
    await visit(task);
    await task.resume();
    expect(status(victim.pid, ...fields)).toEqual(before);
    expect(await victim.verdict()).toBe('ok');
  });

  test('answers in every thread in one go, and goes on as it was', async () => {
    const victim = await lab.victim('checker', '6');
    const task = await tracer.seize(victim.pid);
    const session = await task.infect();
    for (let round = 0; round < 3; round++) {
      const asked = new Map(
        task.threads.map(({ tid }) => {
          // Not all the same, so that they have to be written anew.
          const p = new Program(`who is ${tid}`);
          const where = p.out(tid % 2 ? 8 : 16);
          p.syscall('prctl', [40, where, 0, 0, 0]);
          return [tid, { p, who: p.syscall('gettid', []) }] as const;
        }),
      );
      const results = await session.runEach(new Map([...asked].map(([tid, { p }]) => [tid, p])));
      expect([...results].map(([tid, r]) => [tid, r.value(asked.get(tid)!.who)])).toEqual(
        [...results.keys()].map((tid) => [tid, tid]),
      );
      expect([...results.keys()].sort()).toEqual(task.threads.map(({ tid }) => tid).sort());
    }
    await task.resume();
    expect(await victim.verdict()).toBe('ok');
  });

  test('goes on as it was when one of its threads crashes or fails in what it was asked', async () => {
    const victim = await lab.victim('checker', '4');
    const task = await tracer.seize(victim.pid);
    const session = await task.infect();
    const ask = (make: (p: Program) => unknown) => {
      const programs = task.threads.map(({ tid }, i) => {
        const p = new Program(`question ${i}`);
        if (i === 2) make(p);
        p.syscall('gettid', []);
        return [tid, p] as const;
      });
      return session.runEach(new Map(programs));
    };
    await expect(ask((p) => p.peek(16, 8))).rejects.toMatchObject({ code: 'FAULT', signal: 11 });
    await expect(ask((p) => p.syscall('close', [-1]))).rejects.toMatchObject({ code: 'EBADF' });
    await ask(() => undefined);
    await task.resume();
    expect(await victim.verdict()).toBe('ok');
  });

  test('that crashes in what it was given is cured all the same', async () => {
    const victim = await lab.victim('checker', '2');
    const task = await tracer.seize(victim.pid);
    const session = await task.infect();
    const p = new Program('read address 16');
    p.peek(16, 8);
    await expect(session.run(p)).rejects.toMatchObject({ code: 'FAULT', signal: 11 });
    const q = new Program('sleep');
    q.syscall('pause', []);
    await expect(session.run(q, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    await task.resume();
    expect(await victim.verdict()).toBe('ok');
  });

  test('that executes another program is let go', async () => {
    const victim = await lab.victim('checker', '2');
    const task = await tracer.seize(victim.pid);
    const session = await task.infect();
    const p = new Program('execve');
    p.syscall('execve', [p.cstring('/bin/true'), 0, 0]);
    await expect(session.run(p)).rejects.toMatchObject({ code: 'EXECED' });
    expect(await victim.exit).toEqual({ code: 0, signal: null });
    expect(task.state).toBe('released');
  });
});
