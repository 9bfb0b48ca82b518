// A network namespace that whoever restores fills (`--empty-ns net`, as runc and Docker have it): lo is up if it was.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, peer, type Victim } from '../dump/victim.js';
import { family, freshDir } from '../support.js';
import { type Checkpointer, free, start, theirs } from './cycle.js';

afterAll(cleanUp);

const emptyNamespaces = ['net'];
const common = { emptyNamespaces, tcpEstablished: true };
const ours: Checkpointer = {
  dump: async (pid, imagesDir) => void (await dump({ pid, imagesDir, ...common })),
  restore: async (imagesDir) => void (await restore({ imagesDir, detached: true, ...common })),
};
const OPTIONS = ['--empty-ns', 'net', '--tcp-established'];
const peers: Checkpointer = {
  dump: (pid, dir) => theirs.dump(pid, dir, OPTIONS),
  restore: (dir) => theirs.restore(dir, OPTIONS),
};

function inside(pid: number, ...command: string[]): string {
  const { stdout, stderr } = spawnSync('nsenter', [`--net=/proc/${pid}/ns/net`, ...command], {
    encoding: 'utf8',
  });
  return stdout + stderr;
}

async function cycle(victim: Victim, dumper = ours, restorer = ours): Promise<void> {
  const dir = freshDir();
  const pids = family(victim.pid);
  await dumper.dump(victim.pid, dir);
  await free(pids);
  await restorer.restore(dir);
}

async function withVictim(body: (victim: Victim) => Promise<void>, env: Record<string, string> = {}) {
  const victim = await start('left-empty', env);
  try {
    await body(victim);
  } finally {
    await victim.end();
  }
}

const hasIp = spawnSync('ip', ['-V']).status === 0;

describe.skipIf(!isRoot)('--empty-ns net (needs root)', () => {
  it('connections over lo and their server go on, twice in a row', () =>
    withVictim(async (victim) => {
      for (let i = 0; i < 2; i++) {
        await cycle(victim);
        expect(await victim.verify()).toBe('ok');
      }
    }));

  it.skipIf(!peer)('connections over lo go on from images that CRIU has made, which do not tell of lo', () =>
    withVictim(async (victim) => {
      await cycle(victim, peers, ours);
      expect(await victim.verify()).toBe('ok');
    }),
  );

  it.skipIf(!peer)('CRIU restores the images where the caller has lo up', () =>
    withVictim(async (victim) => {
      const up = 'if [ "$CRTOOLS_SCRIPT_ACTION" = setup-namespaces ]';
      const enter = 'nsenter --net=/proc/$CRTOOLS_INIT_PID/ns/net ip link set lo up';
      const script = join(freshDir(), 'script');
      writeFileSync(script, `#!/bin/sh\n${up}; then ${enter}; fi\n`, { mode: 0o755 });
      await cycle(victim, ours, {
        ...peers,
        restore: (dir) => theirs.restore(dir, [...OPTIONS, '--action-script', script]),
      });
      expect(await victim.verify()).toBe('ok');
    }),
  );

  it.skipIf(!hasIp)('a namespace of another task keeps what it has', () =>
    withVictim(
      async (victim) => {
        await cycle(victim);
        expect(await victim.verify()).toBe('ok');
        const child = family(victim.pid)[1] ?? 0;
        expect(inside(child, 'ip', 'address', 'show', 'dev', 'lo')).toMatch(/inet 10\.88\.0\.1/);
      },
      { CHILD: '1' },
    ),
  );

  it.skipIf(!hasIp)('a pair of devices of which the caller would have to make one end is refused', () =>
    withVictim(
      async (victim) => {
        const child = family(victim.pid)[1] ?? 0;
        const pair = ['ip', 'link', 'add', 'near0', 'type', 'veth', 'peer', 'name', 'far0', 'netns'];
        expect(inside(victim.pid, ...pair, String(child))).toBe('');
        const imagesDir = freshDir();
        await expect(dump({ pid: victim.pid, imagesDir, ...common })).rejects.toThrow(
          /far0 .* belongs to a device of the namespace that --empty-ns leaves empty/,
        );
        expect(existsSync(join(imagesDir, 'inventory.img'))).toBe(false);
        expect(await victim.verify()).toBe('ok');
      },
      { CHILD: '1' },
    ),
  );
});
