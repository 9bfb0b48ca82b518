// The dumper is killed in the middle: the task runs on, with nothing left in it.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { until } from '../support.js';
import { cleanUp, isRoot, scratch, Victim } from './victim.js';

const criu = fileURLToPath(new URL('../../bin/criu', import.meta.url));

afterAll(cleanUp);

/** Runs the command and kills it after some time; gives what it ended by. */
function dumpKilledAfter(pid: number, dir: string, ms: number): Promise<string> {
  return new Promise((resolve) => {
    const args = [criu, 'dump', '-t', String(pid), '-D', dir, '--shell-job', '-o', 'dump.log'];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), ms);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      resolve(signal ?? `code ${code}`);
    });
  });
}

/** Waits until a task has ended, or runs without a tracer, and tells which. */
async function settled(victim: Victim): Promise<'ended' | 'runs'> {
  return await until('the task is ended or let go', () => {
    const { state } = victim;
    if (state === undefined || state === 'Z') return 'ended';
    return state !== 't' && victim.tracer === 0 && 'runs';
  });
}

function mappings(pid: number): number {
  return readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n').length;
}

describe.skipIf(!isRoot)('a dumper that is killed (needs root)', () => {
  it('leaves the task running, whenever that happens', async () => {
    let victim = await Victim.start('everything');
    const ends = new Map<string, number>();
    try {
      const dir = join(scratch(), 'images');
      mkdirSync(dir);
      for (let ms = 40; ms <= 400; ms += 12) {
        const before = mappings(victim.pid);
        const end = await dumpKilledAfter(victim.pid, dir, ms);
        ends.set(end, (ends.get(end) ?? 0) + 1);
        // It may have been quick enough to end the task, and with all images there it may.
        const complete = existsSync(join(dir, 'inventory.img'));
        if (end === 'code 0' || (complete && (await settled(victim)) === 'ended')) {
          await victim.gone();
          victim = await Victim.start('everything');
          continue;
        }
        expect(end).toBe('SIGKILL');
        expect([ms, await settled(victim)]).toEqual([ms, 'runs']);
        expect([ms, await victim.verify()]).toEqual([ms, 'ok']);
        expect([ms, mappings(victim.pid)]).toEqual([ms, before]);
      }
      // Otherwise the times do not span a dump, and this test tests nothing.
      expect(ends.get('SIGKILL')).toBeGreaterThan(3);
    } finally {
      await victim.end();
    }
  });
});
