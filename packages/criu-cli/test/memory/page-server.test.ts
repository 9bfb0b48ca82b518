// Pages that go to a page server: what is kept there, and what a broken or hostile other side can do (nothing).
import {
  closeSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { encodePagemap, ImageSet, readPagemapSync } from '@criu/images';
import { socketpair, sys, sysRaw } from '@criu/native';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { CriuError } from '../../src/errors.js';
import { servePages } from '../../src/pages/server/serve.js';
import {
  decodeRecord,
  encodeRecord,
  memoryOf,
  PageCommand,
  targetOf,
} from '../../src/pages/wire/protocol.js';
import { asNsPid } from '../../src/proc/pids.js';
import { cleanUp, scratch } from '../dump/victim.js';
import { chain, LOCAL, server } from './support.js';

afterAll(cleanUp);

const { OPEN, OPEN2, PARENT, ADD, HOLE, ADD_FLAGS, ADD_PACKED, PACKED, GET, CLOSE } = PageCommand;
const target = targetOf({ pid: asNsPid(7) });

/** A client that says things and hears answers. */
class Client {
  private heard = Buffer.alloc(0);
  private constructor(readonly socket: Socket) {
    socket.on('data', (bytes) => {
      this.heard = Buffer.concat([this.heard, bytes]);
    });
    socket.on('error', () => undefined);
  }

  static async to(port: number): Promise<Client> {
    const socket = connect(port, LOCAL);
    await new Promise((resolve) => socket.once('connect', resolve));
    return new Client(socket);
  }

  say(...parts: (Buffer | Parameters<typeof encodeRecord>[0])[]): void {
    for (const part of parts) this.socket.write(Buffer.isBuffer(part) ? part : encodeRecord(part));
  }

  async hear(bytes: number): Promise<Buffer> {
    for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
      if (this.heard.length >= bytes) {
        const out = this.heard.subarray(0, bytes);
        this.heard = this.heard.subarray(bytes);
        return out;
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    throw new Error(`heard only ${this.heard.length} of ${bytes} bytes`);
  }
}

const letters = (text: string) => Buffer.concat([...text].map((c) => Buffer.alloc(4096, c)));

/** A directory whose previous images have pages 16 and 17 of process 7. */
function withParent(): string {
  const [parent, dir] = chain(2) as [string, string];
  const entry = { vaddr: 0x10000n, compat_nr_pages: 0, flags: 4, nr_pages: 2n };
  writeFileSync(join(parent, 'pagemap-7.img'), encodePagemap({ pages_id: 1 }, [entry]));
  writeFileSync(join(parent, 'pages-1.img'), letters('ab'));
  symlinkSync('../1', join(dir, 'parent'));
  return dir;
}

describe('the records', () => {
  it('are 32 bytes with flags in the upper half of the command', () => {
    const record = { command: ADD_FLAGS, flags: 6, pages: 3n, address: 0x7f0000000000n, target };
    const bytes = encodeRecord(record);
    expect(bytes.toString('hex')).toBe(
      ['06000600', '00000000', '0300000000000000', '00000000007f0000', '0107000000000000'].join(''),
    );
    expect(decodeRecord(bytes)).toEqual(record);
  });

  it('name tasks and shared memory, also as older versions did', () => {
    expect(memoryOf(targetOf({ pid: asNsPid(5) }))).toEqual({ pid: 5 });
    expect(memoryOf(targetOf({ shmid: 5n }))).toEqual({ shmid: 5n });
    expect(memoryOf((5n << 8n) | 11n)).toEqual({ pid: 5 });
    expect(memoryOf((5n << 8n) | 33n)).toEqual({ shmid: 5n });
    expect(memoryOf(5n << 8n)).toBeUndefined();
    expect(memoryOf((1n << 63n) | 1n)).toBeUndefined();
  });
});

describe('a page server', () => {
  it('keeps pages, holes and flags, and says when all is there', async () => {
    const dir = withParent();
    const { port, done } = server(dir);
    const client = await Client.to(await port);
    client.say({ command: PARENT, target }, { command: PARENT, target: targetOf({ shmid: 9n }) });
    expect([...(await client.hear(8))]).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
    client.say({ command: OPEN2, target });
    expect([...(await client.hear(1))]).toEqual([1]);
    client.say({ command: ADD_FLAGS, flags: 1, pages: 1n, address: 0x10000n, target });
    client.say({ command: ADD_FLAGS, flags: 6, pages: 2n, address: 0x11000n, target }, letters('xy'));
    const shared = targetOf({ shmid: 9n });
    client.say({ command: OPEN2, target: shared });
    expect([...(await client.hear(1))]).toEqual([0]);
    // In pieces, as a network may bring it.
    const pages = letters('z'.repeat(300));
    client.say({ command: ADD, pages: 300n, address: 0n, target: shared });
    for (let at = 0; at < pages.length; at += 100_000) {
      client.say(pages.subarray(at, at + 100_000));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    client.say({ command: CLOSE });
    expect((await client.hear(4)).readInt32LE()).toBe(0);
    client.socket.end();
    expect(await done).toEqual({ addressSpaces: 2, pages: 302 });
    expect(readPagemapSync(join(dir, 'pagemap-7.img'))).toMatchObject({
      head: { pages_id: 65537 },
      entries: [
        { vaddr: 0x10000n, nr_pages: 1n, flags: 1 },
        { vaddr: 0x11000n, nr_pages: 2n, flags: 6 },
      ],
    });
    const set = new ImageSet(dir);
    expect(
      set
        .memory(7)!
        .read(0x10000n, 3 * 4096)
        .equals(letters('axy')),
    ).toBe(true);
    expect(
      set
        .sharedMemory(9)!
        .read(0n, 300 * 4096)
        .equals(pages),
    ).toBe(true);
  });

  it('takes an inherited socket, and the commands of old dumps', async () => {
    const [dir] = chain(1) as [string];
    const [ours, theirs] = socketpair();
    const done = servePages({ imagesDir: dir, socket: theirs });
    const bytes = Buffer.concat([
      encodeRecord({ command: OPEN, target }),
      encodeRecord({ command: ADD, pages: 1n, address: 0x1000n, target }),
      letters('q'),
      encodeRecord({ command: PageCommand.FORCE_CLOSE }),
    ]);
    sys('write', ours, bytes, bytes.length);
    expect(await done).toEqual({ addressSpaces: 1, pages: 1 });
    closeSync(ours);
    expect(readFileSync(join(dir, 'pages-65537.img')).equals(letters('q'))).toBe(true);
  });

  const attacks: [string, (client: Client) => unknown, RegExp][] = [
    [
      'ends in the middle of pages',
      (c) => c.say({ command: ADD, pages: 2n, address: 0n, target }, letters('a')),
      /broke/,
    ],
    ['ends in the middle of a record', (c) => c.say(Buffer.alloc(7)), /broke/],
    ['ends without saying that it is done', () => undefined, /before all pages/],
    ['sends an unknown command', (c) => c.say({ command: 99 }), /unknown command 99/],
    ['opens an unknown kind of memory', (c) => c.say({ command: OPEN, target: 0x7777n }), /unknown kind/],
    ['opens the memory of no task', (c) => c.say({ command: OPEN, target: 1n }), /unknown kind/],
    ['opens the same memory twice', (c) => c.say({ command: OPEN, target }), /sent twice/],
    [
      'sends pages beyond all memory',
      (c) => c.say({ command: ADD, pages: 1n << 60n, address: 0n, target }),
      /no such memory/,
    ],
    [
      'sends the last page of all addresses',
      (c) => c.say({ command: ADD, pages: 1n, address: (1n << 64n) - 4096n, target }),
      /no such memory/,
    ],
    [
      'sends a page that does not begin at one',
      (c) => c.say({ command: ADD, pages: 1n, address: 5n, target }),
      /no such memory/,
    ],
    [
      'sends a page twice',
      (c) => {
        const record = { command: ADD, pages: 2n, address: 0x4000n, target };
        c.say(record, letters('ab'), { ...record, address: 0x5000n, pages: 1n }, letters('c'));
      },
      /sent already/,
    ],
    [
      'sends unknown flags',
      (c) => c.say({ command: ADD_FLAGS, flags: 12, pages: 1n, address: 0n, target }),
      /unknown flags/,
    ],
    [
      'leaves pages to a parent that is not there',
      (c) => c.say({ command: HOLE, pages: 1n, address: 0n, target }),
      /previous images/,
    ],
    [
      'sends packed pages without saying how',
      (c) => c.say({ command: ADD_PACKED, flags: 4, pages: 1n, address: 0n, target }),
      /without saying how/,
    ],
    [
      'says how pages are packed when there are some',
      (c) => {
        c.say({ command: ADD, pages: 1n, address: 0n, target }, letters('a'), { command: PACKED, pages: 1n });
        c.say({ command: ADD_PACKED, flags: 4, pages: 1n, address: 0x1000n, target });
      },
      /without saying how/,
    ],
    ['asks for pages', (c) => c.say({ command: GET, pages: 1n, address: 0n, target }), /not supported/],
  ];
  for (const [what, attack, message] of attacks)
    it(`keeps nothing of a dump that ${what}, and all that was there before`, async () => {
      const [dir] = chain(1) as [string];
      for (const name of ['pagemap-7.img', 'pages-65537.img']) writeFileSync(join(dir, name), 'before');
      const { port, done } = server(dir);
      const client = await Client.to(await port);
      client.say({ command: OPEN, target });
      attack(client);
      client.socket.end();
      await expect(done).rejects.toThrow(message);
      expect(readdirSync(dir)).toEqual(['pagemap-7.img', 'pages-65537.img']);
      expect(readFileSync(join(dir, 'pagemap-7.img'), 'utf8')).toBe('before');
    });

  const packed = { command: ADD_PACKED, flags: 4, pages: 3n, address: 0n, target };
  const words = (...sizes: number[]) => Buffer.from(Uint32Array.from(sizes).buffer);
  for (const [what, flood, message] of [
    ['a block is larger than its pages', [packed, words(8193, 1)], /a block has 8193 bytes/],
    ['the last one is larger than its page', [packed, words(1, 4097)], /a block has 4097 bytes/],
    ['there are too many at once', [{ ...packed, pages: 1n << 20n }], /at once/],
    ['their sizes are cut', [packed, words(1)], /broke|before all/],
    ['they are cut', [packed, words(8192, 1), Buffer.alloc(8192)], /broke/],
  ] as const)
    it(`keeps nothing of packed pages where ${what}`, async () => {
      const [dir] = chain(1) as [string];
      const { port, done } = server(dir);
      const client = await Client.to(await port);
      client.say({ command: PACKED, pages: 2n });
      expect((await client.hear(4)).readInt32LE()).toBe(0);
      client.say({ command: OPEN, target }, ...flood);
      client.socket.end();
      await expect(done).rejects.toThrow(message);
      expect(readdirSync(dir)).toEqual([]);
    });

  it('makes one run of packed pages that come in pieces, and takes no codec that nobody knows', async () => {
    const [dir] = chain(1) as [string];
    const { port, done } = server(dir);
    const client = await Client.to(await port);
    client.say({ command: PACKED, flags: 9, pages: 2n });
    expect((await client.hear(4)).readInt32LE()).toBe(-1);
    client.say({ command: PACKED, flags: 0, pages: 2n });
    expect((await client.hear(4)).readInt32LE()).toBe(0);
    const [first, second] = [
      { ...packed, pages: 4n },
      { ...packed, address: 0x4000n },
    ];
    client.say({ command: OPEN, target }, first, words(8192, 0), letters('ab'));
    client.say(second, words(0, 4096), letters('c'), { command: CLOSE });
    expect((await client.hear(4)).readInt32LE()).toBe(0);
    client.socket.end();
    await done;
    const { entries } = readPagemapSync(join(dir, 'pagemap-7.img'));
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ nr_pages: 7n, region_pages: 2, compressed_size: [8192, 0, 0, 4096] });
    const memory = new ImageSet(dir).memory(7);
    expect(memory?.read(0n, 7 * 4096).toString('latin1')).toBe(letters('ab\0\0\0\0c').toString('latin1'));
    memory?.close();
  });

  it('ends when a dump that has begun says nothing more', async () => {
    const [dir] = chain(1) as [string];
    const { port, done } = server(dir, { patience: 1 });
    const client = await Client.to(await port);
    client.say({ command: ADD, pages: 2n, address: 0n, target }, letters('a'));
    await expect(done).rejects.toThrow(/does not answer for 1 s/);
    client.socket.destroy();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('is there for a dump, whoever else connects before', async () => {
    const [dir] = chain(1) as [string];
    const { port, done } = server(dir);
    const silent = await Promise.all(Array.from({ length: 70 }, async () => Client.to(await port)));
    const words: (Buffer | Parameters<typeof encodeRecord>[0])[] = [
      Buffer.alloc(0),
      Buffer.from('GET / HTTP/1.1\r\nHost: here\r\nAccept: */*\r\n\r\n'),
      Buffer.alloc(7),
      Buffer.alloc(32),
      { command: GET, pages: 1n, address: 0n, target },
      { command: OPEN, target: 1n },
      { command: ADD, pages: 1n, address: (1n << 64n) - 4096n, target },
    ];
    for (const said of words) {
      const scanner = await Client.to(await port);
      scanner.say(said);
      scanner.socket.end();
    }
    const client = await Client.to(await port);
    client.say({ command: ADD, pages: 1n, address: 0n, target }, letters('x'), { command: CLOSE });
    expect((await client.hear(4)).readInt32LE()).toBe(0);
    client.socket.end();
    expect(await done).toEqual({ addressSpaces: 1, pages: 1 });
    for (const one of silent) one.socket.destroy();
    expect(readdirSync(dir).sort()).toEqual(['pagemap-7.img', 'pages-65537.img']);
  });

  it('checks each hole against the previous images', async () => {
    const dir = withParent();
    const { port, done } = server(dir);
    const client = await Client.to(await port);
    client.say({ command: OPEN, target }, { command: HOLE, pages: 3n, address: 0x10000n, target });
    await expect(done).rejects.toThrow(/0x12000/);
    expect(readdirSync(dir)).toEqual(['parent']);
  });

  it('writes to nothing outside of its directory', async () => {
    const [dir] = chain(1) as [string];
    const outside = join(scratch(), 'outside');
    writeFileSync(outside, 'mine');
    symlinkSync(outside, join(dir, 'pagemap-7.img'));
    const { port, done } = server(dir);
    const client = await Client.to(await port);
    client.say({ command: ADD, pages: 1n, address: 0n, target }, letters('x'), { command: CLOSE });
    await client.hear(4);
    client.socket.end();
    await done;
    expect(lstatSync(join(dir, 'pagemap-7.img')).isFile()).toBe(true);
    for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
    expect(readFileSync(outside, 'utf8')).toBe('mine');
  });

  it('ends when it is called off, whatever it waits for', async () => {
    for (const connected of [false, true]) {
      const [dir] = chain(1) as [string];
      const abort = new AbortController();
      const { port, done } = server(dir, { signal: abort.signal });
      const client = connected ? await Client.to(await port) : undefined;
      client?.say({ command: ADD, pages: 100n, address: 0n, target });
      setTimeout(() => abort.abort(), 50);
      await expect(done).rejects.toMatchObject({ code: 'ABORTED' });
      expect(readdirSync(dir)).toEqual([]);
    }
  });

  it('says what is wrong with its address', async () => {
    const [dir] = chain(1) as [string];
    await expect(servePages({ imagesDir: dir, address: 'nowhere', port: 0 })).rejects.toMatchObject({
      code: 'BAD_OPTION',
    });
    await expect(servePages({ imagesDir: dir, address: '203.0.113.1', port: 0 })).rejects.toThrow(
      /EADDRNOTAVAIL|listen/,
    );
    await expect(servePages({ imagesDir: dir, socket: 999 })).rejects.toThrow(/no stream socket/);
  });
});

describe('whatever a page server hears', () => {
  const command = fc.constantFrom(...Object.values(PageCommand), 0, 8, 0xffff);
  const small = fc.bigInt(0n, 40n);
  const record = fc
    .record({ command, flags: fc.nat(9), pages: small, address: small, target: fc.bigInt(0n, 1n << 12n) })
    .map((r) => encodeRecord({ ...r, address: r.address * 2048n }));
  const piece = fc.oneof(
    record,
    record,
    fc.uint8Array({ maxLength: 9000 }).map((bytes) => Buffer.from(bytes)),
  );

  it('it ends, with an error or with images that can be read', () =>
    fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const [dir] = chain(1) as [string];
        const [ours, theirs] = socketpair();
        const bytes = Buffer.concat(pieces);
        const done = servePages({ imagesDir: dir, socket: theirs });
        if (bytes.length > 0) sysRaw('write', ours, bytes, bytes.length);
        sys('shutdown', ours, 1);
        const kept = await done.catch((error: unknown) => {
          expect(error).toBeInstanceOf(CriuError);
          return undefined;
        });
        closeSync(ours);
        const names = readdirSync(dir);
        if (!kept) expect(names).toEqual([]);
        for (const name of names.filter((n) => n.startsWith('pagemap-'))) readPagemapSync(join(dir, name));
      }),
      { numRuns: 150 },
    ));
});
