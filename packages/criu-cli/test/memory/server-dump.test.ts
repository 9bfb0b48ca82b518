// Dumps that send their pages to a server: all comes back, and a bad server costs nothing but the dump.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { verify } from '@criu/crit';
import { readPagemapSync } from '@criu/images';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, preDump, restore } from '../../src/operations.js';
import { cleanUp, isRoot } from '../dump/victim.js';
import { family, free, until } from '../support.js';
import { chain, LOCAL, modelVictim, recordedLog, server } from './support.js';

afterAll(cleanUp);

/** A server of the protocol that stops at some point. */
async function badServer(behave: (socket: Socket) => void): Promise<{ port: number; close(): void }> {
  const sockets: Socket[] = [];
  const made = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    behave(socket);
  });
  await new Promise<void>((resolve) => made.listen(0, LOCAL, resolve));
  return {
    port: (made.address() as { port: number }).port,
    close() {
      for (const socket of sockets) socket.destroy();
      made.close();
    },
  };
}

describe.skipIf(!isRoot)('a dump to a page server (needs root)', () => {
  it('has its pages there, and is restored when they are brought together', async () => {
    const victim = await modelVictim();
    try {
      const [dir, there] = chain(2) as [string, string];
      const pids = family(victim.pid);
      const { port, done } = server(there);
      const result = await dump({
        pid: victim.pid,
        imagesDir: dir,
        pageServer: { address: LOCAL, port: await port },
      });
      const kept = await done;
      expect(kept.addressSpaces).toBe(4);
      expect(kept.pages).toBeGreaterThan(result.stats.pagesWritten);
      expect(readdirSync(dir).filter((name) => /^page/.test(name))).toEqual([]);
      await free(pids);
      for (const name of readdirSync(there)) writeFileSync(join(dir, name), readFileSync(join(there, name)));
      await restore({ imagesDir: dir, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it.each([
    { compress: true },
    { compressRegion: 256 << 10 },
    { compress: 'zstd', compressRegion: 4 << 20 },
  ] as const)('sends them packed: %o', async (how) => {
    const victim = await modelVictim();
    try {
      const [dir, there] = chain(2) as [string, string];
      const pids = family(victim.pid);
      const { port, done } = server(there);
      await dump({
        pid: victim.pid,
        imagesDir: dir,
        pageServer: { address: LOCAL, port: await port },
        ...how,
      });
      await done;
      await free(pids);
      for (const name of readdirSync(there)) writeFileSync(join(dir, name), readFileSync(join(there, name)));
      expect(verify(dir).problems).toEqual([]);
      const packed = readPagemapSync(join(dir, `pagemap-${victim.pid}.img`)).entries;
      expect(packed.some(({ compressed_size: sizes }) => sizes.length > 0)).toBe(true);
      await restore({ imagesDir: dir, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('is refused before the tasks are stopped where the server knows no packed pages', async () => {
    const victim = await modelVictim();
    const bad = await badServer((socket) => socket.on('data', () => socket.destroy()));
    try {
      const pageServer = { address: LOCAL, port: bad.port };
      await expect(
        dump({ pid: victim.pid, imagesDir: chain(1)[0] ?? '', pageServer, compress: true }),
      ).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/takes no packed pages/),
      });
      expect(await victim.verify()).toBe('ok');
    } finally {
      bad.close();
      await victim.end();
    }
  });

  it('and its pre-dump may go there too', async () => {
    const victim = await modelVictim();
    try {
      const [one, two] = chain(2) as [string, string];
      const first = server(one);
      await preDump({
        pid: victim.pid,
        imagesDir: one,
        pageServer: { address: LOCAL, port: await first.port },
      });
      await first.done;
      const pids = family(victim.pid);
      const second = server(two, { prevImagesDir: '../1', autoDedup: true });
      const log = recordedLog();
      const { stats } = await dump({
        pid: victim.pid,
        imagesDir: two,
        prevImagesDir: '../1',
        trackMem: true,
        pageServer: { address: LOCAL, port: await second.port },
        log,
      });
      await second.done;
      // Kernels before 6.7 that have no soft-dirty marks note nothing.
      const noted = !log.lines.join('\n').includes('all pages are sent');
      if (noted) expect(log.lines.join('\n')).toMatch(/noted for the tracker|soft-dirty/);
      expect(stats.pagesSkippedParent > 100).toBe(noted);
      await free(pids);
      await restore({ imagesDir: two, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it.each([
    ['is not there', undefined, /cannot connect/],
    ['hangs up', (socket: Socket): unknown => socket.destroy(), /broke/],
    ['does not answer', () => undefined, /does not answer for 1 s/],
    [
      'hangs up in the middle',
      (socket: Socket): unknown =>
        socket.once('data', () => socket.write('\0', () => void setTimeout(() => socket.destroy(), 20))),
      /broke/,
    ],
  ] as const)('leaves the tasks alone when the server %s', async (_what, behave, message) => {
    const victim = await modelVictim();
    const bad = await badServer(behave ?? (() => undefined));
    if (!behave) bad.close();
    try {
      const [dir] = chain(1) as [string];
      await expect(
        dump({
          pid: victim.pid,
          imagesDir: dir,
          pageServer: { address: LOCAL, port: bad.port, patience: 1 },
        }),
      ).rejects.toThrow(message);
      expect(readdirSync(dir)).toEqual([]);
      expect(await victim.verify()).toBe('ok');
    } finally {
      bad.close();
      await victim.end();
    }
  });

  it('leaves the tasks alone when the server takes no pages', async () => {
    const python = "x = b'x' * (64 << 20)\nimport time\ntime.sleep(100)";
    const child = spawn('python3', ['-c', python], { detached: true, stdio: 'ignore' });
    const bad = await badServer((socket) => void socket.once('data', () => socket.pause().write('\0')));
    try {
      while (!/VmRSS:\s+[67]\d{4} kB/.test(readFileSync(`/proc/${child.pid}/status`, 'utf8')))
        await new Promise((resolve) => setTimeout(resolve, 20));
      const [dir] = chain(1) as [string];
      await expect(
        dump({
          pid: child.pid!,
          imagesDir: dir,
          pageServer: { address: LOCAL, port: bad.port, patience: 1 },
        }),
      ).rejects.toThrow(/takes no pages for 1 s/);
      expect(readdirSync(dir)).toEqual([]);
      // On a busy machine it is not back in its sleep at once.
      await until('it sleeps, and nobody traces it', () =>
        /State:\s+S[\s\S]*TracerPid:\s+0/.test(readFileSync(`/proc/${child.pid}/status`, 'utf8')),
      );
      await expect(dump({ pid: child.pid!, imagesDir: dir, pageServer: {} })).rejects.toThrow(/no port/);
    } finally {
      bad.close();
      child.kill('SIGKILL');
    }
  });
});
