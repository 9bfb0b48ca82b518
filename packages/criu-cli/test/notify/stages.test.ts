// The stages of a dump and of a restore as a listener sees them, and what is left when it says no at each of them.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Notification, NotifyAction, NotifyListener } from '../../src/notify.js';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { family, free, until } from '../support.js';

afterAll(cleanUp);
if (!isRoot) console.log('stages.test.ts: skipped: needs root');

let dirs = 0;
function newDir(): string {
  dirs += 1;
  const dir = join(scratch(), `images-${dirs}`);
  mkdirSync(dir);
  return dir;
}

function stateOf(pid: number): string | undefined {
  try {
    return /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** A listener that keeps what it hears, and the state of the task then. */
function witness(pid: number, no?: NotifyAction) {
  const heard: [NotifyAction, number | undefined, string | undefined][] = [];
  const notify = async ({ action, pid: told }: Notification) => {
    heard.push([action, told, stateOf(pid)]);
    if (action === no) throw new Error('no');
  };
  return { heard, notify };
}

describe.skipIf(!isRoot)('stages (need root)', () => {
  it('a dump tells before it begins, when all stand still, and when the images are there', async () => {
    const victim = await Victim.start('everything');
    try {
      for (const leaveRunning of [true, false]) {
        const imagesDir = newDir();
        const { heard, notify } = witness(victim.pid);
        let complete = false;
        await until('it sleeps', () => victim.state === 'S');
        const last = (event: Notification) => {
          if (event.action === 'post-dump') complete = existsSync(join(imagesDir, 'inventory.img'));
        };
        await dump({ pid: victim.pid, imagesDir, leaveRunning, notify: [notify, last] });
        // Also when the tasks run on they stand still until the listener has done what it wants to.
        expect(heard).toEqual([
          ['pre-dump', victim.pid, 'S'],
          ['query-ext-files', undefined, 't'],
          ['post-dump', victim.pid, 't'],
        ]);
        expect(complete).toBe(true);
        if (leaveRunning) expect(await victim.verify()).toBe('ok');
      }
      await victim.gone();
    } finally {
      await victim.end();
    }
  });

  it.each(['pre-dump', 'query-ext-files', 'post-dump'] as const)(
    'the task runs on after a no at %s',
    async (no) => {
      const victim = await Victim.start('everything');
      try {
        const imagesDir = newDir();
        const failed = dump({ pid: victim.pid, imagesDir, notify: witness(victim.pid, no).notify });
        await expect(failed).rejects.toMatchObject({ code: 'NOTIFY_FAILED', action: no });
        expect(await victim.verify()).toBe('ok');
        expect(victim.tracer).toBe(0);
        // A post-dump script may have sent them off already: they are what they are.
        expect(existsSync(join(imagesDir, 'inventory.img'))).toBe(no === 'post-dump');
      } finally {
        await victim.end();
      }
    },
  );

  it('who knows the network of a namespace hears when it is to be locked and unlocked', async () => {
    const source = new URL('../memory/victims/model.c', import.meta.url);
    const victim = await Victim.start('model', {}, source, ['unshare', '--net']);
    try {
      const imagesDir = newDir();
      const stages = async (work: (notify: NotifyListener) => Promise<unknown>, no?: NotifyAction) => {
        const { heard, notify } = witness(victim.pid, no);
        await work(notify).catch(() => undefined);
        return heard
          .filter(([action]) => action.startsWith('network-'))
          .map(([action, pid]) => [action, pid]);
      };
      const both = [
        ['network-lock', victim.pid],
        ['network-unlock', victim.pid],
      ];
      const dumping = (leaveRunning: boolean) => (notify: NotifyListener) =>
        dump({ pid: victim.pid, imagesDir, leaveRunning, notify });
      expect(await stages(dumping(true))).toEqual(both);
      for (const no of ['network-lock', 'post-dump'] as const)
        expect(await stages(dumping(false), no)).toEqual(both);
      expect(await victim.verify()).toBe('ok');
      const pids = family(victim.pid);
      expect(await stages(dumping(false))).toEqual(both.slice(0, 1));
      await free(pids);
      const back = (notify: NotifyListener) => restore({ imagesDir, detached: true, notify });
      expect(await stages(back)).toEqual(both.slice(1));
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('a restore tells before and after it makes tasks, and before and after they run', async () => {
    const victim = await Victim.start('everything');
    try {
      const imagesDir = newDir();
      await dump({ pid: victim.pid, imagesDir });
      await victim.gone();
      for (const no of ['pre-restore', 'post-restore'] as const) {
        const failed = restore({ imagesDir, detached: true, notify: witness(victim.pid, no).notify });
        await expect(failed).rejects.toMatchObject({ code: 'NOTIFY_FAILED', action: no });
        expect(stateOf(victim.pid)).toBeUndefined();
      }
      const { heard, notify } = witness(victim.pid, 'pre-resume');
      await restore({ imagesDir, detached: true, notify });
      expect(heard.map(([action, pid]) => [action, pid])).toEqual([
        ['pre-restore', undefined],
        ['post-restore', victim.pid],
        // Too late to say no.
        ['pre-resume', victim.pid],
        ['post-resume', victim.pid],
      ]);
      const [before, made, stopped, running] = heard.map(([, , state]) => state);
      expect([before, stopped]).toEqual([undefined, 't']);
      expect(made).toMatch(/^[SR]$/);
      expect(running).toMatch(/^[SR]$/);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
