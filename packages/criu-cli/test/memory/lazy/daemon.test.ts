// Memory that a daemon brings (`criu lazy-pages`), from images or from a dump that waits (`dump --lazy-pages`).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { ImageSet, PagemapFlags } from '@criu/images';
import { afterAll, describe, expect, it } from 'vitest';
import { missing } from '../../../src/features/index.js';
import { dump, restore } from '../../../src/operations.js';
import { type BringMemory, bringMemory } from '../../../src/pages/lazy/bring.js';
import { LAZY_SOCKET } from '../../../src/pages/lazy/bringer.js';
import { listenForRestore } from '../../../src/pages/lazy/restore-socket.js';
import { encodeRecord, PageCommand, RECORD_BYTES } from '../../../src/pages/wire/protocol.js';
import { cleanUp, isRoot, peer, Victim } from '../../dump/victim.js';
import { family, free, until } from '../../support.js';
import { chain, LOCAL, server } from '../support.js';

afterAll(cleanUp);

const lack = await missing('uffd-noncoop');

const start = () => Victim.start('on-demand', {}, new URL('victims/on-demand.c', import.meta.url));

async function kept(victim: Victim): Promise<string> {
  const [imagesDir = ''] = chain(1);
  const pids = family(victim.pid);
  await dump({ pid: victim.pid, imagesDir });
  await free(pids);
  return imagesDir;
}

/** A daemon of ours in this process. */
function daemon(imagesDir: string, more: Partial<BringMemory> = {}) {
  const done = bringMemory({ imagesDir, workDir: imagesDir, listener: listenForRestore(imagesDir), ...more });
  // Whoever awaits it hears of a failure.
  done.catch(() => undefined);
  return done;
}

describe.skipIf(!isRoot || lack !== null)(
  `memory of a daemon${lack ? ` (${lack})` : ' (needs root)'}`,
  () => {
    it('comes from the images', async () => {
      const victim = await start();
      try {
        const imagesDir = await kept(victim);
        const done = daemon(imagesDir);
        await restore({ imagesDir, detached: true, lazyPages: true });
        expect(await victim.verify()).toBe('ok');
        expect((await done).pages).toBeGreaterThan(1000);
        expect(await victim.verify()).toBe('ok');
      } finally {
        await victim.end();
      }
    });

    it('comes from a page server', async () => {
      const victim = await start();
      try {
        const imagesDir = await kept(victim);
        const { port, done: served } = server(imagesDir, { lazyPages: true });
        const done = daemon(imagesDir, { pageServer: { address: LOCAL, port: await port } });
        await restore({ imagesDir, detached: true, lazyPages: true });
        expect(await victim.verify()).toBe('ok');
        await done;
        expect((await served).addressSpaces).toBe(1);
        expect(await victim.verify()).toBe('ok');
      } finally {
        await victim.end();
      }
    });

    it('is asked for where there is no daemon', async () => {
      const victim = await start();
      try {
        const imagesDir = await kept(victim);
        await expect(restore({ imagesDir, detached: true, lazyPages: true })).rejects.toThrow(
          /no daemon brings the memory/,
        );
      } finally {
        await victim.end();
      }
    });

    it('fails when the restore does', async () => {
      const victim = await start();
      try {
        const imagesDir = await kept(victim);
        const done = daemon(imagesDir);
        await expect(
          restore({ imagesDir, detached: true, lazyPages: true, faults: ['threads'] }),
        ).rejects.toThrow(/fault injected/);
        await expect(done).rejects.toThrow(/the restore has failed/);
      } finally {
        await victim.end();
      }
    });

    it.skipIf(!peer).each([
      ['daemon', 'criu'],
      ['restore', 'criu'],
    ])('comes where the %s is of CRIU 4.2', async (which) => {
      const victim = await start();
      try {
        const imagesDir = await kept(victim);
        const theirs = (...args: string[]) =>
          new Promise<number | null>((resolve) => {
            spawn(peer ?? '', [...args, '-D', imagesDir, '-o', `${args[0]}.log`, '-v4'], {
              stdio: 'ignore',
            }).once('exit', resolve);
          });
        let done: Promise<unknown>;
        if (which === 'daemon') {
          done = theirs('lazy-pages');
          await until('it listens', () => existsSync(join(imagesDir, LAZY_SOCKET)));
          await restore({ imagesDir, detached: true, lazyPages: true });
        } else {
          done = daemon(imagesDir);
          expect(await theirs('restore', '-d', '--lazy-pages')).toBe(0);
        }
        expect(await victim.verify()).toBe('ok');
        await done;
        expect(await victim.verify()).toBe('ok');
      } finally {
        await victim.end();
      }
    });
  },
);

/** Bytes of a socket, as many as wanted. */
async function read(socket: Socket, bytes: number): Promise<Buffer> {
  for (;;) {
    const got = socket.read(bytes) as Buffer | null;
    if (got) return got;
    if (socket.destroyed) throw new Error('closed');
    await new Promise<void>((resolve) => socket.once('readable', resolve));
  }
}

describe.skipIf(!isRoot)('a dump whose memory is fetched (needs root)', () => {
  const lazily = (victim: Victim, imagesDir: string, fetch: (socket: Socket) => Promise<void>) => {
    let work: Promise<void> = Promise.resolve();
    const done = dump({
      pid: victim.pid,
      imagesDir,
      lazyPages: true,
      lazyServer: { address: LOCAL, port: 0 },
      onLazyServer: (port) => {
        const socket = connect(port, LOCAL);
        socket.on('error', () => undefined);
        work = fetch(socket);
      },
    });
    return done.finally(() => work);
  };
  const get = (pid: number, address: bigint, pages: bigint) =>
    encodeRecord({ command: PageCommand.GET, pages, address, target: BigInt(pid) });
  const runsOf = (imagesDir: string, pid: number) =>
    (new ImageSet(imagesDir).memory(pid)?.runs ?? []).filter(({ flags }) => flags & PagemapFlags.LAZY);

  it('ends when all is fetched', async () => {
    const victim = await start();
    try {
      const [imagesDir = ''] = chain(1);
      let pages = 0n;
      await lazily(victim, imagesDir, async (socket) => {
        for (const { start, end, flags } of runsOf(imagesDir, victim.pid)) {
          expect(flags).toBe(PagemapFlags.LAZY);
          for (let at = start; at < end; ) {
            socket.write(get(victim.pid, at, (end - at) / 4096n));
            const got = (await read(socket, RECORD_BYTES)).readBigUInt64LE(8);
            await read(socket, Number(got) * 4096);
            pages += got;
            at += got * 4096n;
          }
        }
        socket.write(encodeRecord({ command: PageCommand.CLOSE }));
        expect(await read(socket, 4)).toEqual(Buffer.alloc(4));
        socket.destroy();
      });
      expect(pages).toBeGreaterThan(4000n);
      await until('it is gone', () => victim.state === undefined || victim.state === 'Z');
    } finally {
      await victim.end();
    }
  });

  it('lets the tasks run on when whoever fetches goes away', async () => {
    const victim = await start();
    try {
      const [imagesDir = ''] = chain(1);
      const failed = lazily(victim, imagesDir, async (socket) => {
        const [run] = runsOf(imagesDir, victim.pid);
        socket.write(get(victim.pid, run?.start ?? 0n, 1n));
        await read(socket, RECORD_BYTES + 4096);
        socket.destroy();
      });
      await expect(failed).rejects.toThrow(/went away before it had all memory/);
      expect(await victim.verify()).toBe('ok');
      expect(existsSync(join(imagesDir, 'inventory.img'))).toBe(false);
    } finally {
      await victim.end();
    }
  });
});
