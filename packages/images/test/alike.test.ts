// Parts that the entries of an image have alike: one object for those who only read, and written once.
import { describe, expect, it } from 'vitest';
import {
  decodeImage,
  type Encodable,
  encodeImage,
  FdTypes,
  type FileEntry,
  type FownEntry,
  type ImageItem,
} from '../src/index.js';

const NOBODY: FownEntry = { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 };
const somebody = (pid: number): FownEntry => ({ ...NOBODY, pid_type: 1, pid });

function eventfd(id: number, fown: Encodable<FownEntry>): { entry: Encodable<FileEntry> } {
  return { entry: { type: FdTypes.EVENTFD, id, efd: { id, flags: 0, fown, counter: BigInt(id) } } };
}

function fowns(items: readonly ImageItem<FileEntry>[]): (FownEntry | undefined)[] {
  return items.map(({ entry }) => entry.efd?.fown);
}

const ours = [NOBODY, { ...NOBODY }, somebody(5), somebody(5), NOBODY].map((fown, i) => eventfd(i + 1, fown));

describe('parts that entries have alike', () => {
  it('are one object for those who only read, where neighbours have the same', () => {
    const bytes = encodeImage('FILES', ours);
    const plain = decodeImage('FILES', bytes);
    const shared = decodeImage('FILES', bytes, undefined, { alike: true });
    expect(shared).toEqual(plain);
    const [a, b, c, d, e] = fowns(shared);
    expect([b === a, c === b, d === c, e === d]).toEqual([true, false, true, false]);
    const own = fowns(plain);
    expect(new Set(own).size).toBe(own.length);
  });

  it('stay apart from what is merged into one of them', () => {
    const bytes = encodeImage('FILES', [eventfd(1, NOBODY), eventfd(2, NOBODY), eventfd(3, NOBODY)]);
    // The owner of the second file comes once more, with a pid alone: fields of its message take the last value.
    const more = Buffer.from([0x1a, 0x0a, 0x08, 0, 0x10, 0, 0x18, 0, 0x20, 1, 0x28, 7]);
    const entries = [eventfd(1, NOBODY), eventfd(2, NOBODY), eventfd(3, NOBODY)].map((one) =>
      encodeImage('FILES', [one]).subarray(8),
    );
    const second = entries[1] as Buffer;
    // The length of the message of the eventfd, which is last and shorter than 128 bytes.
    const at = second.indexOf(0x42, 4) + 1;
    const longer = Buffer.concat([second, more]);
    longer[at] = (longer[at] ?? 0) + more.length;
    longer.writeUInt32LE(longer.length - 4);
    const odd = Buffer.concat([bytes.subarray(0, 8), entries[0] as Buffer, longer, entries[2] as Buffer]);
    for (const how of [{}, { alike: true }])
      expect(fowns(decodeImage('FILES', odd, undefined, how))).toEqual([NOBODY, somebody(7), NOBODY]);
  });

  it('are written as if each entry had its own', () => {
    const shared = somebody(9);
    const one = [1, 2, 3, 4].map((id) => eventfd(id, shared));
    const own = [1, 2, 3, 4].map((id) => eventfd(id, { ...shared }));
    expect(encodeImage('FILES', one)).toEqual(encodeImage('FILES', own));
  });

  it('are written as they are in each image', () => {
    const fown = { ...NOBODY };
    const image = () => encodeImage('FILES', [eventfd(1, fown), eventfd(2, fown), eventfd(3, fown)]);
    const before = image();
    fown.pid = 11;
    expect(fowns(decodeImage('FILES', image())).every((one) => one?.pid === 11)).toBe(true);
    expect(fowns(decodeImage('FILES', before)).every((one) => one?.pid === 0)).toBe(true);
  });
});

describe('open files that differ in ids alone', () => {
  const reg = (id: number, name: string) => ({
    type: FdTypes.REG,
    id,
    reg: { id, flags: 2, pos: 7n, fown: NOBODY, name },
  });
  const pipe = (id: number, pipe_id: number, flags = 0) => ({
    type: FdTypes.PIPE,
    id,
    pipe: { id, pipe_id, flags, fown: NOBODY },
  });
  const socket = (id: number, ino: number, peer: number, flags = 2) => ({
    type: FdTypes.UNIXSK,
    id,
    usk: {
      ...{
        id,
        ino,
        type: 1,
        state: 1,
        flags,
        uflags: 0,
        backlog: 0,
        peer,
        fown: NOBODY,
        name: Buffer.alloc(0),
      },
      opts: {
        so_sndbuf: 1,
        so_rcvbuf: 2,
        so_snd_tmo_sec: 0n,
        so_snd_tmo_usec: 0n,
        so_rcv_tmo_sec: 0n,
        so_rcv_tmo_usec: 0n,
      },
      peer_cred: [300, 4],
    },
  });
  const all: { entry: Encodable<FileEntry> }[] = [
    ...[reg(1, '/a'), reg(2, '/a'), reg(3, '/b'), reg(300, '/a'), reg(70_000, '/b'), reg(2 ** 31, '/b')],
    ...[pipe(10, 5), pipe(11, 5, 1), pipe(12, 2 ** 31), pipe(13, 100_000, 1), pipe(14, 200)],
    ...[socket(20, 900, 901), socket(21, 901, 900), socket(22, 2 ** 31 + 1, 0), socket(23, 16, 17, 0o4002)],
    ...[socket(24, 17, 16, 0o4002), socket(400, 18, 2 ** 30), socket(401, 2 ** 20, 19)],
  ].map((entry) => ({ entry }));
  const read = (bytes: Buffer) => decodeImage('FILES', bytes, 'files.img', { alike: true });
  const entriesOf = (items: readonly ImageItem<FileEntry>[]) => items.map(({ entry }) => entry);

  it('are read as each by itself, and tell which they are like', () => {
    const bytes = encodeImage('FILES', all);
    const items = read(bytes);
    expect(entriesOf(items)).toEqual(entriesOf(decodeImage('FILES', bytes)));
    const ids = items.map(({ entry, like }) => [entry.id, like?.id]);
    expect(ids.filter(([, like]) => like !== undefined)).toEqual([
      ...[
        [2, 1],
        [300, 1],
        [70_000, 3],
        [14, 10],
        [13, 11],
      ].sort(([a = 0], [b = 0]) => place(a) - place(b)),
      ...[
        [21, 20],
        [24, 23],
        [401, 20],
      ],
    ]);
  });

  const place = (id: number) => all.findIndex(({ entry }) => entry.id === id);

  it('have the last value of a field that comes twice', () => {
    // The id, the inode of a socket or its peer comes once more, at the end of the message.
    const twice = ([tag, value]: readonly [number, number]) =>
      [socket(20, 5, 6), socket(21, 6, 5), socket(22, 7, 8)].map((entry) => {
        const one = encodeImage('FILES', [{ entry }]).subarray(8);
        const at = one.indexOf(Buffer.from([0x82, 0x01])) + 2;
        const longer = Buffer.concat([one, Buffer.from([tag, value])]);
        longer[at] = (longer[at] ?? 0) + 2;
        longer.writeUInt32LE(longer.length - 4);
        return longer;
      });
    for (const field of [
      [0x08, 20],
      [0x10, 5],
      [0x40, 6],
    ] as const) {
      const bytes = Buffer.concat([encodeImage('FILES', []), ...twice(field)]);
      expect(entriesOf(read(bytes))).toEqual(entriesOf(decodeImage('FILES', bytes)));
      expect(entriesOf(read(bytes)).every(({ usk }) => usk && Object.values(usk).includes(field[1]))).toBe(
        true,
      );
    }
  });

  it('are refused as each by itself, wherever the image ends or a byte is another', () => {
    const bytes = encodeImage('FILES', all);
    const result = (how: () => unknown) => {
      try {
        return how();
      } catch (error) {
        return (error as Error).message;
      }
    };
    const same = (damaged: Buffer) =>
      expect(result(() => entriesOf(read(damaged)))).toEqual(
        result(() => entriesOf(decodeImage('FILES', damaged, 'files.img'))),
      );
    for (let end = 8; end < bytes.length; end++) same(bytes.subarray(0, end));
    for (let at = 8; at < bytes.length; at++)
      for (const bit of [0, 3, 7]) {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
        same(damaged);
      }
  });
});
