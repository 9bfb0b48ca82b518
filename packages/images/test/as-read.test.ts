// Items that nobody decodes are what decoding would have given.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeImage, encodeImage, type ImageKind, itemsAsRead, kindInfo, kinds } from '../src/index.js';
import { anyMessage } from './support.js';

/** As a dump may write it: without empty lists, bytes that are no Buffer. */
function asWritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asWritten);
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => !(Array.isArray(one) && one.length === 0))
      .map(([name, one]) => [name, asWritten(one)]),
  );
}

describe('items that were encoded', () => {
  for (const kind of Object.keys(kinds) as ImageKind[]) {
    const { type, later = type, payload } = kindInfo(kind);
    if (payload !== undefined) continue;
    it(`of ${kind} are as read`, () => {
      const entries = fc.tuple(anyMessage(type), fc.array(anyMessage(later), { maxLength: 2 }));
      fc.assert(
        fc.property(entries, ([first, others]) => {
          const items = [first, ...others].map((entry) => ({ entry: asWritten(entry) })) as never;
          expect(itemsAsRead(kind, items)).toEqual(decodeImage(kind, encodeImage(kind, items)));
        }),
        { numRuns: 15 },
      );
    });
  }

  it('have their payloads', () => {
    const payload = new Uint8Array([1, 2, 3]);
    const pipes = [
      { entry: { pipe_id: 1, bytes: 3, size: 4096 }, payload },
      { entry: { pipe_id: 2, bytes: 0 } },
    ];
    const read = itemsAsRead('PIPES_DATA', pipes);
    expect(read).toEqual(decodeImage('PIPES_DATA', encodeImage('PIPES_DATA', pipes)));
    expect(Buffer.isBuffer(read[0]?.payload)).toBe(true);
    const ghost = [{ entry: { uid: 0, gid: 0, mode: 0o100600 }, payload }];
    expect(itemsAsRead('GHOST_FILE', ghost)).toEqual(
      decodeImage('GHOST_FILE', encodeImage('GHOST_FILE', ghost)),
    );
    const chunks = [
      { entry: { uid: 0, gid: 0, mode: 0o100600, chunks: true } },
      { entry: { len: 3n, off: 0n }, payload },
    ];
    expect(itemsAsRead('GHOST_FILE', chunks)).toEqual(
      decodeImage('GHOST_FILE', encodeImage('GHOST_FILE', chunks)),
    );
  });

  it('share what needs no change', () => {
    const vma = { start: 0n, end: 4096n, pgoff: 0n, shmid: 0n, prot: 1, flags: 2, status: 1, fd: -1n };
    expect(itemsAsRead('VMAS', [{ entry: vma }])[0]?.entry).toBe(vma);
  });
});
