// Takes a core file apart, for tests.

export interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: bigint;
  readonly fileSize: number;
  readonly memorySize: bigint;
}

export function segmentsOf(core: Buffer): Segment[] {
  const table = Number(core.readBigUInt64LE(32));
  return Array.from({ length: core.readUInt16LE(56) }, (_, index) => {
    const at = table + index * 56;
    return {
      type: core.readUInt32LE(at),
      flags: core.readUInt32LE(at + 4),
      offset: Number(core.readBigUInt64LE(at + 8)),
      address: core.readBigUInt64LE(at + 16),
      fileSize: Number(core.readBigUInt64LE(at + 32)),
      memorySize: core.readBigUInt64LE(at + 40),
    };
  });
}

export const loadsOf = (core: Buffer) => segmentsOf(core).filter(({ type }) => type === 1);

export interface CoreNote {
  readonly owner: string;
  readonly type: number;
  readonly data: Buffer;
}

export function notesOf(core: Buffer): CoreNote[] {
  const notes: CoreNote[] = [];
  for (const { type, offset, fileSize } of segmentsOf(core)) {
    if (type !== 4) continue;
    for (let at = offset; at < offset + fileSize; ) {
      const [nameSize, size] = [core.readUInt32LE(at), core.readUInt32LE(at + 4)];
      const from = at + 12 + ((nameSize + 3) & ~3);
      const owner = core.toString('latin1', at + 12, at + 12 + nameSize - 1);
      notes.push({ owner, type: core.readUInt32LE(at + 8), data: core.subarray(from, from + size) });
      at = from + ((size + 3) & ~3);
    }
  }
  return notes;
}
