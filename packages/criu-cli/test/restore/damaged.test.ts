// Images that say what cannot be, or what must not happen to an agent: refused with a reason, or done another way.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type EncodableItem,
  type ImageItem,
  type ImageKind,
  type ImageMessages,
  readImageSync,
  writeImageSync,
} from '@criu/images';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CriuError } from '../../src/errors.js';
import { dump, planRestore, restore } from '../../src/operations.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { freshDir, until } from '../support.js';

afterAll(cleanUp);

const SIGSTOP = 19;
const SIGKILL = 9;

function siginfo(signal: number): { siginfo: Buffer } {
  const bytes = Buffer.alloc(128);
  bytes.writeInt32LE(signal);
  return { siginfo: bytes };
}

describe.skipIf(!isRoot)('damaged images (need root)', () => {
  let victim: Victim;
  let imagesDir: string;

  beforeAll(async () => {
    victim = await Victim.start('everything');
    imagesDir = freshDir();
    await dump({ pid: victim.pid, imagesDir });
    await victim.gone();
  });
  afterAll(() => victim.end());

  /** Has something done with one image changed. */
  async function changed<K extends ImageKind, T>(
    kind: K,
    name: string,
    change: (items: ImageItem<ImageMessages[K]>[]) => void,
    work: () => Promise<T>,
  ): Promise<T> {
    const path = join(imagesDir, name);
    const before = readFileSync(path);
    const items = readImageSync(path, kind);
    change(items);
    writeImageSync(path, kind, items as EncodableItem<ImageMessages[K]>[]);
    try {
      return await work();
    } finally {
      writeFileSync(path, before);
    }
  }

  const refusal = async () => {
    const error = await planRestore({ imagesDir }).then(
      () => undefined,
      (e: CriuError) => e,
    );
    return [error?.code, error?.message];
  };
  const core = () => `core-${victim.pid}.img`;
  const fdinfo = 'fdinfo-2.img';

  it('a stop that is pending stops the task, not the agent that restores it', async () => {
    const pid = await changed(
      'CORE',
      core(),
      ([item]) => {
        if (item?.entry.tc) item.entry.tc.signals_s = { signals: [siginfo(SIGSTOP)] };
      },
      async () => (await restore({ imagesDir, detached: true, timeout: 20 })).pid,
    );
    await until('it is stopped', () => victim.state === 'T');
    process.kill(pid, 'SIGKILL');
    await until('it is gone', () => victim.state === undefined);
  });

  it('a signal that cannot be pending is refused', async () => {
    const said = await changed(
      'CORE',
      core(),
      ([item]) => {
        if (item?.entry.tc) item.entry.tc.signals_s = { signals: [siginfo(SIGKILL)] };
      },
      refusal,
    );
    expect(said).toEqual(['BAD_IMAGE', 'signal 9 is pending, which cannot be']);
  });

  it('a descriptor that is there twice, or of another type than its file, is refused', async () => {
    expect(await changed('FDINFO', fdinfo, (items) => items.push(...items.slice(0, 1)), refusal)).toEqual([
      'BAD_IMAGE',
      'fd 0 is there twice',
    ]);
    const other = ([item]: ImageItem<ImageMessages['FDINFO']>[]) => {
      if (item) item.entry.type = 2;
    };
    const [code, message] = await changed('FDINFO', fdinfo, other, refusal);
    expect(code).toBe('BAD_IMAGE');
    expect(message).toMatch(/^fd 0 of task \d+ is of type PIPE, and file id \d+ of type REG$/);
  });

  it('mappings in each other are refused', async () => {
    const swapped = await changed(
      'MM',
      `mm-${victim.pid}.img`,
      ([item]) => item?.entry.vmas.reverse(),
      refusal,
    );
    expect(swapped[0]).toBe('BAD_IMAGE');
    expect(swapped[1]).toMatch(/begins before the last one ends/);
  });

  it('a task whose state is dead without a signal that ends one is refused', async () => {
    const said = await changed(
      'CORE',
      core(),
      ([item]) => {
        if (item?.entry.tc) Object.assign(item.entry.tc, { task_state: 2, exit_code: SIGSTOP });
      },
      refusal,
    );
    expect(said).toEqual(['BAD_IMAGE', 'it is said to have ended by signal 19, of which no task ends']);
  });
});

describe.skipIf(!isRoot)('a backlog that has no room for those that wait (needs root)', () => {
  it('is an error, and no wait for ever; with room they wait again', async () => {
    const victim = await Victim.start('backlog', {}, new URL('victims/backlog.c', import.meta.url));
    try {
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir });
      await victim.gone();
      const path = join(imagesDir, 'files.img');
      const before = readImageSync(path, 'FILES');
      const items = readImageSync(path, 'FILES');
      for (const { entry } of items) if (entry.usk?.backlog) entry.usk.backlog = 0;
      writeImageSync(path, 'FILES', items);
      await expect(restore({ imagesDir, detached: true, timeout: 20 })).rejects.toMatchObject({
        code: 'SYSCALL',
        cause: { code: 'EAGAIN' },
      });
      writeImageSync(path, 'FILES', before);
      await restore({ imagesDir, detached: true, timeout: 20 });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
