// A dump and a restore go before others, as long as they last; no task is born with that.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent } from '@criu/compel';
import { CriuReqType } from '@criu/images';
import { sys, sysRaw } from '@criu/native';
import { IOPRIO_WHO_PROCESS, PR_SET_TIMERSLACK, SCHED_FIFO, SCHED_RR } from '@criu/native/uapi';
import { afterAll, describe, expect, it } from 'vitest';
import type { DumpContext } from '../../src/engine/dump-context.js';
import { hasten, isHandedDown, Priority, shareWith } from '../../src/engine/priority.js';
import { releaseTasks } from '../../src/engine/release.js';
import { dump, planRestore, restore } from '../../src/operations.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { dumpRequest, cleanUp as endClients, openDir, restoreRequest } from '../rpc/client.js';
import { prepare, swrk } from '../rpc/real.js';
import { freshDir } from '../support.js';

afterAll(cleanUp);
afterAll(endClients);

/** SCHED_RR, and SCHED_RESET_ON_FORK, without which threads and children would have it, too. */
const RAISED = SCHED_RR | 0x40000000;
const policy = (pid: number) => sysRaw('sched_getscheduler', pid);

/** Whether it may be raised here: real-time groups may have no time (cpu.rt_runtime_us). */
function canRaise(): boolean {
  const set = (to: number, priority: number) =>
    sysRaw('sched_setscheduler', 0, to, new Int32Array([priority])) === 0;
  return set(RAISED, 1) && set(0, 0);
}

/** What a task has of it: its policy and its timer slack, by default 50 µs. */
function scheduling(pid: number) {
  return { policy: policy(pid), slack: readFileSync(`/proc/${pid}/timerslack_ns`, 'utf8').trim() };
}

/** Work that somebody does who is not scheduled as usual: in the class idle for I/O, and in real time if that is permitted. */
async function unusually<T>(work: () => Promise<T>): Promise<T> {
  const IDLE = 3 << 13;
  sysRaw('sched_setscheduler', 0, SCHED_FIFO, new Int32Array([1]));
  sys('prctl', PR_SET_TIMERSLACK, 1_234_567, 0, 0, 0);
  sys('ioprio_set', IOPRIO_WHO_PROCESS, 0, IDLE);
  try {
    return await work();
  } finally {
    sys('sched_setscheduler', 0, 0, new Int32Array([0]));
    sys('ioprio_set', IOPRIO_WHO_PROCESS, 0, 0);
    sys('prctl', PR_SET_TIMERSLACK, 0, 0, 0, 0);
  }
}

describe.skipIf(!isRoot)('scheduling of who restores (needs root)', () => {
  it('is neither in the plan nor in the tasks', async () => {
    const victim = await Victim.start('everything');
    const imagesDir = freshDir();
    const plan = async () => (await planRestore({ imagesDir })).toText();
    try {
      await dump({ pid: victim.pid, imagesDir });
      await victim.gone();
      expect(await unusually(plan)).toEqual(await plan());
      await unusually(() => restore({ imagesDir, detached: true }));
      expect(sys('ioprio_get', IOPRIO_WHO_PROCESS, victim.pid)).toBe(0);
      expect(scheduling(victim.pid)).toEqual({ policy: 0, slack: '50000' });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});

describe.skipIf(!isRoot || !canRaise())('priority (needs root, and real-time scheduling)', () => {
  it('is higher while a dump and a restore work, and lower for the birth of tasks', async () => {
    const victim = await Victim.start('everything');
    const imagesDir = join(scratch(), 'images');
    mkdirSync(imagesDir);
    const seen = new Map<string, number>();
    const onProgress = ({ message }: { message: string }) => {
      if (!seen.has(message)) seen.set(message, policy(0));
    };
    try {
      const before = scheduling(victim.pid);
      await dump({ pid: victim.pid, imagesDir, onProgress });
      expect(policy(0)).toBe(0);
      await victim.gone();
      expect(seen.get('stopping the tasks')).toBe(RAISED);
      await expect(restore({ imagesDir, detached: true, faults: ['commit'] })).rejects.toThrow();
      expect(policy(0)).toBe(0);
      seen.clear();
      await restore({ imagesDir, detached: true, onProgress });
      expect(policy(0)).toBe(0);
      expect(seen.get('Making tasks')).toBe(RAISED);
      expect(seen.get('Handing over')).toBe(RAISED);
      expect(scheduling(victim.pid)).toEqual(before);
      expect(before).toEqual({ policy: 0, slack: '50000' });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('is that of a `criu swrk` from its start, and of no task that it restores', async () => {
    prepare();
    const victim = await Victim.start('everything');
    const { fd } = openDir();
    const yes = { type: CriuReqType.NOTIFY, notify_success: true };
    /** The policy at each stage. */
    const ask = async (request: Parameters<typeof dumpRequest>[0], of: typeof dumpRequest) => {
      const seen = new Map<string, number>();
      const { client, child, ended } = swrk();
      let answer = await client.ask(of({ images_dir_fd: fd, notify_scripts: true, ...request }));
      for (; answer?.type === CriuReqType.NOTIFY; answer = await client.ask(yes))
        seen.set(answer.notify?.script ?? '', policy(child.pid ?? 0));
      expect(answer).toMatchObject({ success: true });
      expect(await ended).toBe(0);
      return seen;
    };
    try {
      const dumped = await ask({ pid: victim.pid }, dumpRequest);
      expect([dumped.get('pre-dump'), dumped.get('post-dump')]).toEqual([RAISED, 0]);
      await victim.gone();
      const restored = await ask({}, restoreRequest);
      expect(restored.get('pre-resume')).toBe(RAISED);
      expect(scheduling(victim.pid)).toEqual({ policy: 0, slack: '50000' });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('is handed down to tasks of any size if the restore was started with it', async () => {
    expect(isHandedDown()).toBe(false);
    expect(await unusually(async () => isHandedDown())).toBe(true);
    using priority = new Priority();
    priority.raise();
    expect([policy(0), isHandedDown()]).toEqual([RAISED, false]);
  });

  it('is given to tasks when they have been killed, but to none with much memory', async () => {
    await using small = Agent.start({ name: 'small' });
    await using large = Agent.start({ name: 'large' });
    const sizes = [small, large].map(({ pid }) => ({ pid, mib: pid === small.pid ? 15 : 16 }));
    const seen: number[] = [];
    const ctx = {
      options: {},
      progress: () => undefined,
      stay: () => undefined,
      live: sizes.map(({ pid, mib }) => ({ pid, tids: [pid], statusOf: () => ({ vmRss: mib << 20 }) })),
      tracer: {
        async killMany(pids: readonly number[], _large: readonly number[], killed: () => void) {
          seen.push(...pids.map(policy));
          killed();
        },
      },
    } as unknown as DumpContext;
    using priority = new Priority();
    priority.raise();
    await releaseTasks(ctx);
    expect(seen).toEqual([0, 0]);
    expect([policy(small.pid), policy(large.pid)]).toEqual([RAISED, 0]);
  });

  it('is shared with helpers that work for it, as long as it is higher', async () => {
    await using helper = Agent.start({ name: 'helper' });
    shareWith(helper.pid);
    expect(policy(helper.pid)).toBe(0);
    using priority = new Priority();
    priority.raise();
    shareWith(helper.pid);
    expect(policy(helper.pid)).toBe(RAISED);
    // A task has to be able to give it up without privileges.
    await using task = Agent.start({ name: 'task' });
    hasten(task.pid);
    expect(policy(task.pid)).toBe(SCHED_RR);
    priority.drop();
    await using late = Agent.start({ name: 'late' });
    hasten(late.pid);
    expect(policy(late.pid)).toBe(0);
  });
});
