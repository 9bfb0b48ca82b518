// POSIX message queues come back with their messages, by priority and in order, and with who has them open.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type IpcVarEntry, readImageSync, writeImageSync } from '@criu/images';
import { cstring, sysRaw } from '@criu/native';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, peer } from '../dump/victim.js';
import { family, freshDir } from '../support.js';
import { cycle, free, ours, start, theirs } from './cycle.js';

afterAll(cleanUp);

const startQueues = (env: Record<string, string> = {}) => start('posix-queues', env);

describe.skipIf(!isRoot)('POSIX message queues (need root)', () => {
  it('of an IPC namespace come back, with messages, names, owners and who has them open', async () => {
    const victim = await startQueues();
    try {
      expect(await victim.verify()).toBe('ok');
      for (let i = 0; i < 2; i++) {
        await cycle(victim);
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      await victim.end();
    }
  });

  it('are as they were where the tasks run on, and where the dump fails', async () => {
    const victim = await startQueues();
    try {
      await dump({ pid: victim.pid, imagesDir: freshDir(), leaveRunning: true });
      expect(await victim.verify()).toBe('ok');
      await expect(
        dump({ pid: victim.pid, imagesDir: freshDir(), faults: ['describe'] }),
      ).rejects.toMatchObject({ code: 'INTERNAL' });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('of which somebody is to be notified are refused, and stay as they are', async () => {
    const victim = await startQueues({ NOTIFY: '1' });
    try {
      await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(
          /to be notified of messages in the POSIX message queue that was unlinked/,
        ),
      });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('of the host are found again by their names', async () => {
    const name = `criu-test-${process.pid}`;
    const victim = await startQueues({ HOST: `/${name}` });
    try {
      await cycle(victim);
      expect(await victim.verify()).toBe('ok');
      sysRaw('mq_unlink', cstring(name));
      await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/of the host is open that was unlinked/),
      });
      expect(await victim.verify()).toBe('ok');
    } finally {
      sysRaw('mq_unlink', cstring(name));
      await victim.end();
    }
  });

  it('that images make up are refused, and a restore that fails can be tried again', async () => {
    const victim = await startQueues();
    try {
      const dir = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir: dir });
      await free(pids);
      const file = join(dir, readdirSync(dir).find((name) => name.startsWith('ipcns-var-')) ?? '');
      const good = readImageSync(file, 'IPC_VAR');
      type Queue = IpcVarEntry['posix_queues'][number];
      const bad = async (change: (queues: Queue[]) => void, message: RegExp): Promise<void> => {
        const items = structuredClone(good);
        change(items[0]?.entry.posix_queues as Queue[]);
        writeImageSync(file, 'IPC_VAR', items);
        await expect(restore({ imagesDir: dir, detached: true })).rejects.toThrow(message);
        await free(pids);
      };
      const set = (to: object) => (queues: Queue[]) => void Object.assign(queues[0] ?? {}, to);
      await bad(set({ name: '../escape' }), /not a name of a queue/);
      await bad(set({ max_messages: 1n }), /room for fewer/);
      await bad(set({ message_size: 1n }), /a message of 4 bytes/);
      await bad(set({ message_size: 1n << 40n }), /room for/);
      await bad((queues) => void queues.push(...queues), /there twice/);
      await bad((queues) => void queues.splice(0), /queue \d+ is not there|mq_open/);
      writeImageSync(file, 'IPC_VAR', good);
      for (const point of ['namespaces', 'files', 'commit']) {
        await expect(restore({ imagesDir: dir, detached: true, faults: [point] })).rejects.toMatchObject({
          code: 'INTERNAL',
        });
        await free(pids);
      }
      await restore({ imagesDir: dir, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it.skipIf(!peer)(
    'that nobody has open are nothing that CRIU 4.2 stumbles over (needs CRIU_PEER)',
    async () => {
      const victim = await start('ipc', { POSIX_QUEUE: 'name', WHOLE: '1' });
      try {
        await cycle(victim, ours, theirs);
        expect(await victim.verify()).toBe('ok');
      } finally {
        await victim.end();
      }
    },
  );
});
