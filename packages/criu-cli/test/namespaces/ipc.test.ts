// IPC namespaces: shared memory, messages, semaphores and tunables are as they were, with their ids.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeImage, type ImageKind, readImageSync } from '@criu/images';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, peer, type Victim } from '../dump/victim.js';
import { family, freshDir } from '../support.js';
import { cycle, free, ours, start, theirs } from './cycle.js';

afterAll(cleanUp);

/** SIGUSR2 has it take things apart, and look at what is left. */
async function finish(victim: Victim): Promise<void> {
  process.kill(victim.pid, 'SIGUSR2');
  expect(await victim.said()).toBe('finished');
}

describe.skipIf(!isRoot)('an IPC namespace (needs root)', () => {
  it('comes back with all objects, attached where they were', async () => {
    const victim = await start('ipc');
    try {
      expect(await victim.verify()).toBe('ok');
      for (let i = 0; i < 2; i++) {
        await cycle(victim);
        expect(await victim.verify()).toBe('ok');
      }
      await finish(victim);
    } finally {
      await victim.end();
    }
  });

  it('is refused where its images do not fit together', async () => {
    const victim = await start('ipc');
    try {
      const dir = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir: dir });
      await free(pids);
      const bad = async (kind: ImageKind, name: string, change: (items: never[]) => void, error: object) => {
        const file = join(dir, name);
        const good = readFileSync(file);
        const items = readImageSync(file, kind);
        change(items as never[]);
        writeFileSync(file, encodeImage(kind, items as never));
        await expect(restore({ imagesDir: dir, detached: true })).rejects.toMatchObject(error);
        writeFileSync(file, good);
      };
      const image = (part: string) => readdirSync(dir).find((name) => name.startsWith(`ipcns-${part}-`))!;
      const image_ = { code: 'BAD_IMAGE' };
      type Shm = { entry: { size: bigint; desc: { id: number } } };
      await bad('IPCNS_SHM', image('shm'), (items: Shm[]) => void items.splice(0, 1), image_);
      await bad(
        'IPCNS_SHM',
        image('shm'),
        ([first]: Shm[]) => void Object.assign(first!.entry, { size: 4096n }),
        image_,
      );
      await bad(
        'IPC_VAR',
        image('var'),
        ([v]: { entry: { sem_ctls: number[] } }[]) => void v!.entry.sem_ctls.pop(),
        image_,
      );
      // What the kernel refuses, and a failure when all is made, leave nothing behind.
      type Sem = { entry: { nsems: number }; payload: Buffer };
      await bad(
        'IPCNS_SEM',
        image('sem'),
        ([s]: Sem[]) => {
          s!.entry.nsems = 20000;
          s!.payload = Buffer.alloc(40000);
        },
        { code: 'SYSCALL' },
      );
      await expect(restore({ imagesDir: dir, detached: true, faults: ['commit'] })).rejects.toMatchObject({
        code: 'INTERNAL',
      });
      await free(pids);
      await restore({ imagesDir: dir, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  describe.skipIf(!peer)('beside CRIU 4.2 (needs CRIU_PEER)', () => {
    it('its images are the same', async () => {
      const victim = await start('ipc', { WHOLE: '1' });
      try {
        const [a, b] = [freshDir(), freshDir()];
        await dump({ pid: victim.pid, imagesDir: a, leaveRunning: true });
        await theirs.dump(victim.pid, b);
        const kinds: [RegExp, ImageKind][] = [
          [/^ids-/, 'IDS'],
          [/^mm-/, 'MM'],
          [/^ipcns-var-/, 'IPC_VAR'],
          [/^ipcns-shm-/, 'IPCNS_SHM'],
          [/^ipcns-msg-/, 'IPCNS_MSG'],
          [/^ipcns-sem-/, 'IPCNS_SEM'],
        ];
        const names = readdirSync(b).filter((name) => kinds.some(([pattern]) => pattern.test(name)));
        expect(names).toHaveLength(8);
        for (const name of names) {
          const kind = kinds.find(([pattern]) => pattern.test(name))![1];
          expect([name, readImageSync(join(a, name), kind)]).toEqual([
            name,
            readImageSync(join(b, name), kind),
          ]);
        }
        const shmem = (dir: string) => readdirSync(dir).filter((name) => name.startsWith('pagemap-shmem-'));
        expect(shmem(a)).toEqual(shmem(b));
      } finally {
        await victim.end();
      }
    });

    it('CRIU restores what we dumped', async () => {
      const victim = await start('ipc', { WHOLE: '1' });
      try {
        await cycle(victim, ours, theirs);
        expect(await victim.verify()).toBe('ok');
      } finally {
        await victim.end();
      }
    });

    it('CRIU dumped what we restore', async () => {
      const victim = await start('ipc', { WHOLE: '1' });
      try {
        await cycle(victim, theirs, ours);
        expect(await victim.verify()).toBe('ok');
      } finally {
        await victim.end();
      }
    });
  });
});
