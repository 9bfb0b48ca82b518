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
