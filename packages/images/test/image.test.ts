// Whole images: golden files, all payloads, and every way in which a file can be broken.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  decodeImage,
  decodeIpcMessages,
  decodePagemap,
  detectKind,
  encodeImage,
  encodeImageStream,
  encodeIpcMessages,
  encodePagemap,
  ImageError,
  type ImageKind,
  imageFileName,
  imageKinds,
  kindInfo,
  PageMemory,
  parseFileName,
  readImage,
  readImageSync,
  semaphoreValues,
  splitTcpQueues,
  streamImage,
  streamImageFile,
  streamImageFileSync,
  totalPages,
  writeImage,
} from '../src/index.js';
import { anyMessage, goldenSets } from './support.js';

const desc = { key: 1, uid: 2, gid: 3, cuid: 4, cgid: 5, mode: 0o600, id: 6 };
const bytes = (length: number) => Buffer.from(Array.from({ length }, (_, at) => (at * 7) & 255));

/** An image with payload of each kind that can have one. */
const withPayload: Partial<Record<ImageKind, Buffer>> = {
  PIPES_DATA: encodeImage('PIPES_DATA', [
    { entry: { pipe_id: 1, bytes: 5 }, payload: bytes(5) },
    { entry: { pipe_id: 2, bytes: 0 } },
  ]),
  FIFO_DATA: encodeImage('FIFO_DATA', [{ entry: { pipe_id: 3, bytes: 300 }, payload: bytes(300) }]),
  SK_QUEUES: encodeImage('SK_QUEUES', [
    { entry: { id_for: 1, length: 3, scm: [{ type: 1, rights: [4] }] }, payload: bytes(3) },
    { entry: { id_for: 1, length: 4 }, payload: bytes(4) },
  ]),
  TCP_STREAM: encodeImage('TCP_STREAM', [
    {
      entry: { inq_len: 2, inq_seq: 0, outq_len: 3, outq_seq: 0, opt_mask: 0, snd_wscale: 0, mss_clamp: 0 },
      payload: bytes(5),
    },
  ]),
  IPCNS_SEM: encodeImage('IPCNS_SEM', [
    { entry: { desc, nsems: 3 }, payload: Buffer.from('010002000300', 'hex') },
    { entry: { desc, nsems: 4 }, payload: bytes(8) },
  ]),
  IPCNS_SHM: encodeImage('IPCNS_SHM', [
    { entry: { desc, size: 5n }, payload: bytes(5) },
    { entry: { desc, size: 4096n, in_pagemaps: true } },
    { entry: { desc, size: 4n }, payload: bytes(4) },
  ]),
  IPCNS_MSG: encodeImage('IPCNS_MSG', [
    {
      entry: { desc, qbytes: 99, qnum: 2 },
      payload: encodeIpcMessages([
        { header: { mtype: 1n, msize: 3 }, data: bytes(3) },
        { header: { mtype: 2n, msize: 8 }, data: bytes(8) },
      ]),
    },
    { entry: { desc, qbytes: 99, qnum: 0 } },
  ]),
  BPFMAP_DATA: encodeImage('BPFMAP_DATA', [
    { entry: { map_id: 1, keys_bytes: 4, values_bytes: 6, count: 2 }, payload: bytes(10) },
  ]),
  GHOST_FILE: encodeImage('GHOST_FILE', [
    { entry: { uid: 0, gid: 0, mode: 0o100600, chunks: true, size: 9000n } },
    { entry: { len: 4n, off: 0n }, payload: bytes(4) },
    { entry: { len: 2n, off: 8192n }, payload: bytes(2) },
  ]),
};

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'images-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('an image that CRIU wrote', () => {
  for (const set of goldenSets()) {
    it(`of ${set.name} is the same bytes after decoding and encoding`, () => {
      let images = 0;
      for (const name of readdirSync(set.images)) {
        const file = readFileSync(join(set.images, name));
        const kind = detectKind(file);
        const parsed = parseFileName(name);
        if (kind === undefined) {
          expect(parsed.is, name).toBe('raw');
          continue;
        }
        expect(parsed, name).toMatchObject({ is: 'image', kind });
        expect(encodeImage(kind, decodeImage(kind, file, name)).equals(file), name).toBe(true);
        images++;
      }
      expect(images).toBeGreaterThan(15);
    });
  }
});

describe('an image', () => {
  it('of every kind is the same after a round trip of any entry', () => {
    for (const kind of imageKinds) {
      const { type, payload } = kindInfo(kind);
      if (payload !== undefined) continue;
      fc.assert(
        fc.property(fc.array(anyMessage(type), { maxLength: 1 }), (entries) => {
          const items = entries.map((entry) => ({ entry }));
          expect(decodeImage(kind, encodeImage(kind, items as never))).toEqual(items);
        }),
        { numRuns: 5 },
      );
    }
  });

  for (const [kind, image] of Object.entries(withPayload) as [ImageKind, Buffer][]) {
    it(`of kind ${kind} keeps the bytes behind its entries`, () => {
      expect(encodeImage(kind, decodeImage(kind, image))).toEqual(image);
      expect(decodeImage(kind, image).some((item) => (item.payload?.length ?? 0) > 0)).toBe(true);
    });

    it(`of kind ${kind} can arrive in pieces of any size`, async () => {
      const whole = decodeImage(kind, image).map(({ entry, payload }) => ({
        entry,
        payload: payload ?? undefined,
      }));
      for (const size of [1, 3, 7, 64]) {
        const pieces: Buffer[] = [];
        for (let at = 0; at < image.length; at += size) pieces.push(image.subarray(at, at + size));
        const items: unknown[] = [];
        for await (const { entry, payload } of streamImage(kind, pieces)) items.push({ entry, payload });
        expect(items).toEqual(whole);
      }
    });

    it(`of kind ${kind} that ends early is an error with file, offset and reason`, () => {
      let complete = 0;
      for (let length = 0; length < image.length; length++) {
        try {
          decodeImage(kind, image.subarray(0, length), 'some.img');
          complete++;
        } catch (error) {
          expect(error).toBeInstanceOf(ImageError);
          expect(error).toMatchObject({
            file: 'some.img',
            code: expect.stringMatching(/truncated|bad-size|missing-field/),
          });
          expect((error as ImageError).offset).toBeLessThanOrEqual(length);
        }
      }
      // Cut exactly between entries, or in the padding of the last, a shorter image is whole.
      expect(complete).toBeLessThan(12);
    });
  }

  it('has a header word before its magic, but for the inventory, and different for statistics', () => {
    const first = (kind: ImageKind) => encodeImage(kind, []).toString('hex');
    expect(first('CORE')).toBe('1943565447380555');
    expect(first('STATS')).toBe('4059105506330957');
    expect(first('INVENTORY')).toBe('16313158');
  });

  it('of the older format without a header word is read too', () => {
    const entry = { pages_id: 3 };
    const image = encodeImage('PAGEMAP', [{ entry }]).subarray(4);
    expect(decodeImage('PAGEMAP', image)).toEqual([{ entry }]);
    expect(detectKind(image)).toBe('PAGEMAP');
  });

  it('of another kind than was asked for is an error', () => {
    expect(() => decodeImage('CORE', encodeImage('MM', []), 'core-1.img')).toThrowError(
      'core-1.img: the magic is that of MM, not of CORE (bad-magic, offset 4)',
    );
    expect(() => decodeImage('CORE', Buffer.from('12345678', 'hex'))).toThrowError(
      /unknown magic 0x78563412/,
    );
  });

  it('with a negative entry size is an error', () => {
    const image = Buffer.concat([encodeImage('CORE', []), Buffer.from('ffffffff', 'hex')]);
    expect(() => decodeImage('CORE', image, 'x')).toThrowError(
      'x: an entry of -1 bytes (bad-size, offset 8)',
    );
  });

  it('with a payload of another length than its entry says is not written', () => {
    expect(() =>
      encodeImage('PIPES_DATA', [{ entry: { pipe_id: 1, bytes: 5 }, payload: bytes(4) }]),
    ).toThrowError(/5 bytes of payload got 4/);
    expect(() =>
      encodeImage('PSTREE', [{ entry: { pid: 1, ppid: 0, pgid: 1, sid: 1 }, payload: bytes(1) }]),
    ).toThrowError(/payload/);
  });

  it('that is not there is an error with the path and the cause', async () => {
    const path = join(dir, 'core-9.img');
    await expect(readImage(path, 'CORE')).rejects.toMatchObject({
      code: 'io',
      file: path,
      cause: { code: 'ENOENT' },
    });
    expect(() => readImageSync(path, 'CORE')).toThrowError(ImageError);
    expect(() => [...streamImageFileSync(path, 'CORE')]).toThrowError(ImageError);
    await expect(streamImageFile(path, 'CORE').next()).rejects.toBeInstanceOf(ImageError);
  });
});

describe('payloads', () => {
  it('come apart into messages, queues and semaphores', () => {
    const [queue] = decodeImage('IPCNS_MSG', withPayload.IPCNS_MSG!);
    expect(
      decodeIpcMessages(queue!.payload!, 2).map(({ header, data }) => [header.mtype, data.length]),
    ).toEqual([
      [1n, 3],
      [2n, 8],
    ]);
    const [stream] = decodeImage('TCP_STREAM', withPayload.TCP_STREAM!);
    expect(splitTcpQueues(stream!.entry, stream!.payload!)).toEqual({
      inq: bytes(2),
      outq: bytes(5).subarray(2),
    });
    expect(semaphoreValues(decodeImage('IPCNS_SEM', withPayload.IPCNS_SEM!)[0]!.payload!)).toEqual([1, 2, 3]);
  });
});

describe('files', () => {
  it('are written and read back, at once and as streams', async () => {
    const path = join(dir, imageFileName('SK_QUEUES'));
    const items = decodeImage('SK_QUEUES', withPayload.SK_QUEUES!);
    await writeImage(path, 'SK_QUEUES', items);
    expect(await readImage(path, 'SK_QUEUES')).toEqual(items);
    expect([...streamImageFileSync(path, 'SK_QUEUES')]).toEqual(items);
    const streamed: unknown[] = [];
    for await (const item of streamImageFile(path, 'SK_QUEUES')) streamed.push(item);
    expect(streamed).toEqual(items);
    const pieces: Buffer[] = [];
    for await (const piece of encodeImageStream('SK_QUEUES', items)) pieces.push(piece);
    expect(Buffer.concat(pieces)).toEqual(withPayload.SK_QUEUES);
  });

  it('are closed when a reader stops early', async () => {
    const path = join(dir, 'pstree.img');
    const entry = { pid: 1, ppid: 0, pgid: 1, sid: 1 };
    writeFileSync(path, encodeImage('PSTREE', [{ entry }, { entry }]));
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    for await (const item of streamImageFile(path, 'PSTREE')) {
      expect(item.entry.pid).toBe(1);
      break;
    }
    for (const _ of streamImageFileSync(path, 'PSTREE')) break;
    expect(open()).toBe(before);
  });

  it('have names with decimal, hexadecimal or worded ids', () => {
    expect(imageFileName('GHOST_FILE', 255)).toBe('ghost-file-ff.img');
    expect(imageFileName('PAGEMAP', 7n, 1)).toBe('pagemap-shmem-7.img');
    expect(imageFileName('STATS', 'dump')).toBe('stats-dump');
    expect(parseFileName('tcp-stream-1a.img')).toMatchObject({ kind: 'TCP_STREAM', id: '1a' });
    expect(parseFileName('notes.txt')).toEqual({ is: 'other' });
  });
});

describe('a pagemap', () => {
  it('has a head and runs', () => {
    const head = { pages_id: 1 };
    const entries = [{ vaddr: 0x7fff_ffff_f000n, compat_nr_pages: 1, flags: 4, nr_pages: 1n }];
    expect(decodePagemap(encodePagemap(head, entries))).toMatchObject({ head, entries });
    expect(() => decodePagemap(encodeImage('PAGEMAP', []))).toThrowError(/without its head/);
  });
  const plain = (vaddr: bigint) => ({
    vaddr,
    compat_nr_pages: 0,
    compressed_size: [],
    flags: 4,
    nr_pages: 2n,
  });
  it.each([
    ['says no more than it has to', {}],
    ['is of an old CRIU', { compat_nr_pages: 2, nr_pages: undefined, flags: undefined, in_parent: true }],
    ['is packed', { compressed_size: [1, 2], total_compressed_size: 3n }],
    ['is at no page', { vaddr: 0x3001n }],
    ['is beyond what a number can hold', { vaddr: 0x7fff_ffff_ffff_f000n }],
    ['has flags that nobody knows', { flags: 0x100 }],
  ])('is read as it was written, also one that %s', (_, more) => {
    const entries = [plain(0x1000n), { ...plain(0x3000n), ...more }, plain(0x7fff_ffff_e000n)];
    const bytes = encodePagemap({ pages_id: 1 }, entries);
    const pagemap = decodePagemap(bytes);
    expect(totalPages(pagemap)).toBe(6);
    expect(pagemap).toEqual({ head: { pages_id: 1 }, entries });
    expect(totalPages(pagemap)).toBe(6);
    expect(encodePagemap(pagemap.head, pagemap.entries).equals(bytes)).toBe(true);
  });
  it('is refused wherever it is cut', () => {
    const head = encodePagemap({ pages_id: 1 }, []);
    const bytes = encodePagemap({ pages_id: 1 }, [plain(0x1000n), plain(0x7fff_ffff_e000n)]);
    const whole = [head.length, encodePagemap({ pages_id: 1 }, [plain(0x1000n)]).length];
    for (let length = head.length; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      if (whole.includes(length)) expect(decodePagemap(cut).entries).toHaveLength(whole.indexOf(length));
      else expect(() => decodePagemap(cut), `${length} bytes`).toThrowError(ImageError);
    }
  });
  it('has the entries that it was given last', () => {
    const pagemap = decodePagemap(encodePagemap({ pages_id: 1 }, [plain(0x1000n)]));
    pagemap.entries.push(plain(0x8000n));
    expect(totalPages(pagemap)).toBe(4);
    pagemap.entries = [];
    expect(new PageMemory({ file: 'pages-1.img', mapFile: 'pagemap-5.img', pagemap }).storedPages).toBe(0);
  });
});
