// Compares two files of a checkpoint: images by field, other files by offset.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import {
  detectKind,
  ImageError,
  type ImageKind,
  kindInfo,
  PAGE_SIZE,
  pathArg,
  readImageSync,
  systemReason,
} from '@criu/images';
import { type FieldChange, MessageDiff } from './messages.js';

export interface ImageDiff {
  /** Undefined for files without entries, such as page contents. */
  readonly kind?: ImageKind;
  readonly changes: readonly FieldChange[];
  /** Only for files without entries. */
  readonly raw?: RawDiff;
}

export interface RawDiff {
  readonly sizeBefore: number;
  readonly sizeAfter: number;
  /** Offset of the first differing byte; the length of the shorter file if the other one continues it. */
  readonly firstDifference: number;
  /** Number of differing blocks of 4096 bytes, including those beyond the end of the shorter file. */
  readonly blocks: number;
}

/**
 * Compares two files. They are first compared as bytes in pieces; differing images are then decoded in memory.
 * @throws ImageError if a file cannot be read, or the images are of different kinds
 */
export function diffImages(before: string, after: string): ImageDiff {
  const raw = diffFiles(before, after);
  const [one, other] = [kindOf(before), kindOf(after)];
  if (one !== other) {
    const name = (kind: ImageKind | undefined) => (kind === undefined ? 'no image' : `an image of ${kind}`);
    throw new ImageError('bad-magic', `this is ${name(other)}, and ${before} is ${name(one)}`, after);
  }
  const of = one === undefined ? {} : { kind: one };
  if (raw === undefined) return { ...of, changes: [] };
  if (one === undefined) return { changes: [], raw };
  return { kind: one, changes: diffItems(one, before, after) };
}

function diffItems(kind: ImageKind, before: string, after: string): FieldChange[] {
  const changes: FieldChange[] = [];
  const diff = new MessageDiff((change) => changes.push(change));
  const [left, right] = [readImageSync(before, kind), readImageSync(after, kind)];
  const { type, later } = kindInfo(kind);
  if (later !== undefined) {
    // The first entry has a type of its own.
    const [one, other] = [left.shift(), right.shift()];
    if (one !== undefined && other !== undefined) diff.message(type, one.entry, other.entry, 'head');
  }
  const payloads = new Map([...left, ...right].map((item) => [item.entry as unknown, item.payload]));
  const paired = (before: unknown, after: unknown, path: string): void => {
    const [one, other] = [payloads.get(before), payloads.get(after)];
    if (one === undefined || other === undefined || one.equals(other)) return;
    let at = 0;
    while (at < one.length && one[at] === other[at]) at++;
    const words = (bytes: Buffer) =>
      `${bytes.length} bytes, from ${at}: ${bytes.toString('hex', at, at + 16)}`;
    const dot = path === '' ? '' : '.';
    changes.push({ change: 'changed', path: `${path}${dot}extra`, before: words(one), after: words(other) });
  };
  const [one, other] = [left[0], right[0]];
  if (one && other && left.length === 1 && right.length === 1 && SINGLE.has(kind)) {
    diff.message(later ?? type, one.entry, other.entry, '');
    paired(one.entry, other.entry, '');
  } else {
    const entries = (items: typeof left) => items.map(({ entry }) => entry);
    diff.list(later ?? type, entries(left), entries(right), '', paired);
  }
  return changes;
}

/** Kinds of images with exactly one entry. */
const SINGLE: ReadonlySet<ImageKind> = new Set<ImageKind>([
  ...([
    'CORE',
    'IDS',
    'INVENTORY',
    'MM',
    'FS',
    'CREDS',
    'UTSNS',
    'IPC_VAR',
    'NETNS',
    'STATS',
    'SECCOMP',
  ] as const),
  ...(['CGROUP', 'TIMENS', 'USERNS', 'PIDNS', 'TCP_STREAM', 'CPUINFO', 'APPARMOR'] as const),
]);

function kindOf(path: string): ImageKind | undefined {
  const fd = openFile(path);
  try {
    const head = Buffer.alloc(8);
    return detectKind(head.subarray(0, readAt(fd, head, 0, path)));
  } finally {
    closeSync(fd);
  }
}

const BLOCK = 1 << 20;

/**
 * Compares the bytes of two files in pieces.
 * @returns undefined if they are equal
 */
export function diffFiles(before: string, after: string): RawDiff | undefined {
  const left = openFile(before);
  const right = openFile(after);
  try {
    const [sizeBefore, sizeAfter] = [fstatSync(left).size, fstatSync(right).size];
    const [one, other] = [Buffer.allocUnsafeSlow(BLOCK), Buffer.allocUnsafeSlow(BLOCK)];
    let first = -1;
    let blocks = 0;
    for (let at = 0; at < Math.max(sizeBefore, sizeAfter); at += BLOCK) {
      const a = one.subarray(0, readAt(left, one, at, before));
      const b = other.subarray(0, readAt(right, other, at, after));
      if (a.equals(b)) continue;
      for (let page = 0; page < Math.max(a.length, b.length); page += PAGE_SIZE) {
        const [x, y] = [a.subarray(page, page + PAGE_SIZE), b.subarray(page, page + PAGE_SIZE)];
        if (x.equals(y)) continue;
        blocks++;
        if (first >= 0) continue;
        first = at + page;
        for (let index = 0; index < x.length && x[index] === y[index]; index++) first++;
      }
    }
    return first < 0 ? undefined : { sizeBefore, sizeAfter, firstDifference: first, blocks };
  } finally {
    closeSync(left);
    closeSync(right);
  }
}

function openFile(path: string): number {
  try {
    return openSync(pathArg(path), 'r');
  } catch (error) {
    throw new ImageError('io', `can not open: ${systemReason(error)}`, path, 0, {
      cause: error,
    });
  }
}

/** Fills the buffer up to the end of the file. */
function readAt(fd: number, buffer: Buffer, position: number, path: string): number {
  let done = 0;
  while (done < buffer.length) {
    try {
      const size = readSync(fd, buffer, done, buffer.length - done, position + done);
      if (size === 0) break;
      done += size;
    } catch (error) {
      throw new ImageError('io', `can not read: ${systemReason(error)}`, path, 0, {
        cause: error,
      });
    }
  }
  return done;
}
