// The protocol between dump and page server: records of 32 bytes, some of which are followed by pages.
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
  /** Starts an address space or object; there is no reply. */
  OPEN: 3,
  /** Starts an address space or object; the reply is a byte that tells whether there is a parent. */
  OPEN2: 4,
  /** Asks whether there is a parent; the reply is an int. */
  PARENT: 5,
  /** A pagemap entry, with its flags in the upper half of the command; pages follow if they are present. */
  ADD_FLAGS: 6,
  /** Requests pages (lazy restore). */
  GET: 7,
  /** The end of the dump; the reply is an int, 0 when everything is stored. */
  CLOSE: 0x1023,
  /** The same from a client that does not close the connection. */
  FORCE_CLOSE: 0x1024,
  /**
   * Our extension: pages will be compressed with the codec given as flags, in blocks of the given number of pages. The
   * reply is an int, 0 if the server supports that; other servers close the connection.
   */
  PACKED: 0x2000,
  /**
   * Our extension: as ADD_FLAGS, but present pages come compressed: first the size of each block as 32 bits, then the
   * blocks.
   */
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
/** Numbers of these types in CRIU before 3.3. */
const OLD_TASK = [10, 11, 16, 17];
const OLD_SHARED = [27, 28, 29, 32, 33, 34];

/** Encodes an address space or shared memory object as one number. */
export function targetOf(which: WhichMemory): bigint {
  return 'pid' in which
    ? (BigInt(which.pid) << 8n) | BigInt(TASK)
    : (BigInt(which.shmid) << 8n) | BigInt(SHARED);
}

/** Decodes that number; undefined for an unknown type. */
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

/** End of the address range of a task with five-level page tables. */
const TASK_LIMIT = 1n << 56n;
/** Largest size in bytes of a file or other shared memory object. */
const OBJECT_LIMIT = 1n << 63n;
const { PARENT, LAZY, PRESENT } = PagemapFlags;

/** Flags of the pagemap entry that a record with pages stands for; undefined for other records. */
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

/** The address space or object of a record. @throws CriuError BAD_IMAGE */
export function memoryOfRecord({ target }: PageRecord): WhichMemory {
  const which = memoryOf(target);
  if (!which) throw new CriuError('BAD_IMAGE', `unknown kind of memory ${target}`);
  return which;
}

/** @throws CriuError BAD_IMAGE for a record that a dump never sends */
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
