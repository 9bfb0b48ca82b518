// What dump and page server say to each other: records of 32 bytes, some of which pages follow.
import { PAGE, PagemapFlags } from '@criu/images';
import { CriuError } from '../../errors.js';
import type { WhichMemory } from '../../images/memory.js';
import { asNsPid } from '../../proc/pids.js';

export const RECORD_BYTES = 32;

export const PageCommand = {
  /** Pages follow. */
  ADD: 1,
  /** The pages are in the parent. */
  HOLE: 2,
  /** Begins with a memory, without an answer. */
  OPEN: 3,
  /** The same; the answer is a byte: whether there is a parent. */
  OPEN2: 4,
  /** Asks whether there is a parent; the answer is an int. */
  PARENT: 5,
  /** An entry with its flags in the upper half of the command; pages follow if they are present. */
  ADD_FLAGS: 6,
  /** Asks for pages (lazy restore). */
  GET: 7,
  /** All is sent; the answer is an int, 0 when it is kept. */
  CLOSE: 0x1023,
  /** The same from who does not close the connection. */
  FORCE_CLOSE: 0x1024,
  /**
   * Ours: pages will be packed by the codec that the flags say, in blocks of so many pages. The answer is an int, 0 when that
   * is understood; servers that know nothing of it close the connection.
   */
  PACKED: 0x2000,
  /** Ours: as ADD_FLAGS; if pages are present, the size of each block follows, 32 bits each, and then the blocks. */
  ADD_PACKED: 0x2001,
} as const;

export interface PageRecord {
  readonly command: number;
  readonly flags: number;
  readonly pages: bigint;
  readonly address: bigint;
  readonly target: bigint;
}

const TASK = 1;
const SHARED = 2;
/** What versions before 3.3 called them. */
const OLD_TASK = [10, 11, 16, 17];
const OLD_SHARED = [27, 28, 29, 32, 33, 34];

/** A memory as one number. */
export function targetOf(which: WhichMemory): bigint {
  return 'pid' in which
    ? (BigInt(which.pid) << 8n) | BigInt(TASK)
    : (BigInt(which.shmid) << 8n) | BigInt(SHARED);
}

/** The memory that a number means; undefined for none that is known. */
export function memoryOf(target: bigint): WhichMemory | undefined {
  const type = Number(target & 0xffn);
  const id = target >> 8n;
  if (type === TASK || OLD_TASK.includes(type))
    return id > 0n && id <= 0x7fffffffn ? { pid: asNsPid(Number(id)) } : undefined;
  if (type === SHARED || OLD_SHARED.includes(type)) return { shmid: id };
  return undefined;
}

export function writeRecord(record: PageRecord, into: Buffer, at = 0): void {
  into.writeUInt32LE(((record.flags << 16) | record.command) >>> 0, at);
  into.writeUInt32LE(0, at + 4);
  into.writeBigUInt64LE(record.pages, at + 8);
  into.writeBigUInt64LE(record.address, at + 16);
  into.writeBigUInt64LE(record.target, at + 24);
}

export function encodeRecord(record: Partial<PageRecord> & Pick<PageRecord, 'command'>): Buffer {
  const bytes = Buffer.alloc(RECORD_BYTES);
  writeRecord({ flags: 0, pages: 0n, address: 0n, target: 0n, ...record }, bytes);
  return bytes;
}

export function decodeRecord(bytes: Buffer): PageRecord {
  const command = bytes.readUInt32LE(0);
  return {
    command: command & 0xffff,
    flags: command >>> 16,
    pages: bytes.readBigUInt64LE(8),
    address: bytes.readBigUInt64LE(16),
    target: bytes.readBigUInt64LE(24),
  };
}

/** End of the addresses that a task can have, with five levels of page tables. */
const TASK_LIMIT = 1n << 56n;
/** Largest size of a file or other shared memory object. */
const OBJECT_LIMIT = 1n << 63n;
const { PARENT, LAZY, PRESENT } = PagemapFlags;

/** Flags of the entry that a record with pages stands for; undefined for a record of another kind. */
export function flagsOf({ command, flags }: PageRecord): number | undefined {
  switch (command) {
    case PageCommand.ADD:
      return PRESENT;
    case PageCommand.HOLE:
      return PARENT;
    case PageCommand.ADD_FLAGS:
    case PageCommand.ADD_PACKED:
      return flags;
    default:
      return undefined;
  }
}

/** The memory that a record is about. @throws CriuError */
export function memoryOfRecord({ target }: PageRecord): WhichMemory {
  const which = memoryOf(target);
  if (!which) throw new CriuError('BAD_IMAGE', `unknown kind of memory ${target}`);
  return which;
}

/** @throws CriuError for a record that no dump sends */
export function checkRecord(record: PageRecord): void {
  const { command, pages, address } = record;
  if (command === PageCommand.CLOSE || command === PageCommand.FORCE_CLOSE) return;
  if (command === PageCommand.GET)
    throw new CriuError('UNSUPPORTED', 'pages are asked for, which is not supported yet (--lazy-pages)');
  if (!(Object.values(PageCommand) as number[]).includes(command))
    throw new CriuError('BAD_IMAGE', `unknown command ${command}`);
  if (command === PageCommand.PACKED) return;
  const which = memoryOfRecord(record);
  const flags = flagsOf(record);
  if (flags === undefined) return;
  const what = `${pages} pages at 0x${address.toString(16)}`;
  const end = address + pages * PAGE;
  if (address % PAGE !== 0n || end > ('pid' in which ? TASK_LIMIT : OBJECT_LIMIT))
    throw new CriuError('BAD_IMAGE', `${what}: there is no such memory`);
  if (flags === 0 || flags & ~(PARENT | LAZY | PRESENT))
    throw new CriuError('BAD_IMAGE', `${what}: unknown flags ${flags}`);
}
