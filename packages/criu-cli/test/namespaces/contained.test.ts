// What comes back on the host comes back as the init of a pid namespace, in UTS and IPC namespaces of its own, too.
import { readlinkSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { family, freshDir } from '../support.js';
import { free } from './cycle.js';

afterAll(cleanUp);

const CONTAINED = ['unshare', '--pid', '--fork', '--uts', '--ipc', 'setsid'];

async function cycles(name: string, folder: string, kinds: readonly string[]): Promise<void> {
  const source = new URL(`../${folder}/victims/${name}.c`, import.meta.url);
  const victim = await Victim.start(name, {}, source, CONTAINED);
  let init = family(victim.pid)[1]!;
  const verify = () => {
    process.kill(init, 'SIGUSR1');
    return victim.said();
  };
  try {
    expect(await verify()).toBe('ok');
    for (let i = 0; i < 2; i++) {
      const imagesDir = freshDir();
      const pids = family(init);
      await dump({ pid: init, imagesDir, fileLocks: true });
      await free(pids);
      init = (await restore({ imagesDir, detached: true, fileLocks: true })).pid;
      expect(await verify()).toBe('ok');
      for (const pid of family(init))
        for (const kind of kinds)
          expect(readlinkSync(`/proc/${pid}/ns/${kind}`)).not.toBe(readlinkSync(`/proc/self/ns/${kind}`));
    }
  } finally {
    process.kill(init, 'SIGKILL');
    await victim.end();
  }
}

describe.skipIf(!isRoot)('in namespaces of their own (needs root)', () => {
  for (const [folder, name] of [
    ['dump', 'everything'],
    ['dump', 'sockets'],
    ['restore', 'unix'],
    ['restore', 'terminals'],
    ['restore', 'table'],
    ['restore', 'orphans'],
    ['restore', 'packet'],
    ['namespaces', 'reparented'],
    ['timers', 'cpu-clocks'],
    ['timers', 'expired'],
    ['signals', 'stopped'],
  ] as const)
    it(`"${name}" comes back`, () => cycles(name, folder, ['pid', 'uts', 'ipc', 'time']));
});
