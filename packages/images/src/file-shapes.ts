// Entries of `files.img` that differ in ids only. Thousands of pipes or sockets are decoded once, and then each gets a copy with its ids:
// that takes a third of the time, as code that runs a few thousand times is never compiled.
import { Buffer } from 'node:buffer';
import { FileEntryCodec } from './codec.generated.js';
import { Reader } from './reader.js';
import type { FileEntry } from './types.generated.js';

type Message = Record<string, unknown> & { id: number };

/** A field of `file_entry`, and the ids of its message beside `id`, its first field, by their tags. */
interface Kind {
  readonly field: Exclude<keyof FileEntry, 'type' | 'id'>;
  /** The field that follows. */
  readonly second?: string;
  /** A field behind others that are varints, and its tag. */
  readonly later?: { readonly name: string; readonly tag: number };
}

/** By the tag in `file_entry`. */
const KINDS: ReadonlyMap<number, Kind> = new Map<number, Kind>([
  [26, { field: 'reg' }],
  [130, { field: 'usk', second: 'ino', later: { name: 'peer', tag: 64 } }],
  [146, { field: 'pipe', second: 'pipe_id' }],
]);

/** Tags of `file_entry.type` and `file_entry.id`, and of the first two fields of their messages. */
const [FIRST, SECOND] = [8, 16];
/** Below that number a varint has four bytes at most. */
const LONGEST = 4;

/** An entry whose bytes are those of others but for its ids. */
interface Shape {
  readonly entry: FileEntry;
  readonly message: Message;
}

export class FileShapes {
  /** By all bytes but the ids; null if they do not determine the rest. */
  private readonly shapes = new Map<string, Shape | null>();
  private pos = 0;
  private end = 0;
  /** The entry of which the last one is a copy; undefined if it was decoded. */
  like: FileEntry | undefined;

  /**
   * Reads an entry like one before it.
   * @param decode decodes an entry as a whole
   * @throws what `decode` throws
   */
  read(buf: Buffer, pos: number, end: number, decode: () => FileEntry): FileEntry {
    this.like = undefined;
    this.pos = pos;
    this.end = end;
    const type = this.number(buf, FIRST);
    const id = this.number(buf, SECOND);
    const tag = this.varint(buf);
    const kind = KINDS.get(tag);
    if (type < 0 || id < 0 || !kind || this.varint(buf) !== end - this.pos) return decode();
    const start = this.pos;
    if (this.number(buf, FIRST) !== id) return decode();
    const { field, second, later } = kind;
    const afterId = this.pos;
    const other = second === undefined ? 0 : this.number(buf, SECOND);
    const middle = this.pos;
    let between = middle;
    let last = 0;
    if (later) {
      // Varints until the one that is sought.
      while (this.pos < end && other >= 0) {
        between = this.pos;
        const next = buf[this.pos++] ?? 0;
        if (next === later.tag) break;
        if (next > later.tag || (next & 7) !== 0) return decode();
        if (this.varint(buf) < 0) return decode();
      }
      last = this.varint(buf);
    }
    if (other < 0 || last < 0) return decode();
    const key = `${type} ${tag} ${buf.toString('latin1', middle, between)} ${buf.toString('latin1', this.pos, end)}`;
    const shape = this.shapes.get(key);
    if (shape === undefined) {
      const entry = decode();
      const message = entry[field] as unknown as Message | undefined;
      const names = ['id', ...(second === undefined ? [] : [second]), ...(later ? [later.name] : [])];
      // Ids begin behind their tags.
      const ids = [
        start + 1,
        ...(second === undefined ? [] : [afterId + 1]),
        ...(later ? [between + 1] : []),
      ];
      const at = ids.map((place) => place - pos);
      const fits = message && isMadeOf(buf.subarray(pos, end), kind, at, names);
      this.shapes.set(key, fits ? { entry, message } : null);
      return entry;
    }
    if (shape === null) return decode();
    const message: Message = { ...shape.message, id };
    if (second !== undefined) message[second] = other;
    if (later) message[later.name] = last;
    this.like = shape.entry;
    return { type: shape.entry.type, id, [field]: message } as FileEntry;
  }

  /** The number of a field that has to come next; negative if it does not, or is a large one. */
  private number(buf: Buffer, tag: number): number {
    if (this.pos >= this.end || buf[this.pos] !== tag) return -1;
    this.pos++;
    return this.varint(buf);
  }

  /** A varint; negative if it is large, or ends beyond the entry. */
  private varint(buf: Buffer): number {
    let value = 0;
    for (let i = 0; i < LONGEST && this.pos < this.end; i++) {
      const byte = buf[this.pos++] ?? 0;
      value |= (byte & 127) << (7 * i);
      if (byte < 128) return value;
    }
    return -1;
  }
}

/**
 * Whether each id is at its place, and nowhere else: of a field that comes twice, the last value counts.
 * @param places of the first byte of each id
 */
function isMadeOf(
  bytes: Buffer,
  { field }: Kind,
  places: readonly number[],
  names: readonly string[],
): boolean {
  const copy = Buffer.from(bytes);
  const read = (name: string): unknown => {
    const entry = FileEntryCodec.create();
    FileEntryCodec.read(new Reader(copy), entry);
    return (entry[field] as unknown as Message | undefined)?.[name];
  };
  return places.every((place, i) => {
    const name = names[i] ?? '';
    const before = read(name);
    copy[place] = (copy[place] ?? 0) ^ 1;
    return typeof before === 'number' && read(name) === (before ^ 1);
  });
}
