// Reads a ghost image without its contents: the entry, and where in the image the contents are.

import { join } from 'node:path';
import { kinds } from '@criu/images';
import { closeSync, fstatSync, openSync, readSync } from '@criu/native/fs';
import { S_IFBLK, S_IFCHR, S_IFLNK, S_IFMT, S_IFREG } from '@criu/native/uapi';
import type { PlanContext } from '../../../engine/plan.js';
import { asCriuError, CriuError } from '../../../errors.js';
import { decodeMessage, type GhostFileEntry } from '../../../images/types.js';
import { stateKey } from '../../../states.js';
import type { Xattr } from './xattrs.js';

const IMG_COMMON = 0x54564319;
/**
 * Limit in bytes: an entry has a few numbers, a symbolic link's target, and extended attributes of up to 64 KiB each.
 */
const LARGEST_ENTRY = 64 << 20;

/** A part of the image that is part of the file; the gaps between the pieces are holes. */
export interface GhostPiece {
  /** Offset in bytes in the image. */
  readonly from: number;
  /** Offset in bytes in the file. */
  readonly to: number;
  readonly length: number;
}

export interface GhostImage {
  readonly name: string;
  readonly path: string;
  readonly entry: GhostFileEntry;
  /** Size of a regular file in bytes. */
  readonly size: number;
  readonly pieces: readonly GhostPiece[];
  readonly xattrs: readonly Xattr[];
}

export function ghostImageName(id: number): string {
  return `ghost-file-${id.toString(16)}.img`;
}

class Walk {
  private at = 0;
  readonly end: number;

  constructor(
    private readonly fd: number,
    private readonly name: string,
  ) {
    this.end = fstatSync(fd).size;
  }

  get offset(): number {
    return this.at;
  }

  get left(): number {
    return this.end - this.at;
  }

  bad(message: string): never {
    throw new CriuError('BAD_IMAGE', message, { file: this.name });
  }

  skip(length: number): void {
    if (length > this.left)
      this.bad(`${length} bytes are said to follow at ${this.at}, there are ${this.left}`);
    this.at += length;
  }

  bytes(length: number): Buffer {
    const at = this.at;
    this.skip(length);
    const bytes = Buffer.alloc(length);
    for (let done = 0; done < length; ) {
      const n = readSync(this.fd, bytes, done, length - done, at + done);
      if (n === 0) this.bad(`it was cut short at ${at + done} while it was read`);
      done += n;
    }
    return bytes;
  }

  message<T extends 'GhostFileEntry' | 'GhostChunkEntry'>(type: T) {
    const length = this.bytes(4).readUInt32LE(0);
    if (length > LARGEST_ENTRY) this.bad(`an entry of ${length} bytes`);
    return decodeMessage(type, this.bytes(length));
  }
}

function pieces(walk: Walk, size: bigint): GhostPiece[] {
  const out: GhostPiece[] = [];
  while (walk.left > 0) {
    const { len, off } = walk.message('GhostChunkEntry');
    if (off + len > size) walk.bad(`a piece of ${len} bytes at ${off} in a file of ${size}`);
    out.push({ from: walk.offset, to: Number(off), length: Number(len) });
    walk.skip(Number(len));
  }
  return out;
}

function walkThrough(walk: Walk, name: string, path: string): GhostImage {
  const magic = walk.bytes(4).readUInt32LE(0);
  const kind = magic === IMG_COMMON ? walk.bytes(4).readUInt32LE(0) : magic;
  if (kind !== kinds.GHOST_FILE.magic) walk.bad(`the magic is 0x${kind.toString(16)}`);
  const entry = walk.message('GhostFileEntry');
  const type = entry.mode & S_IFMT;
  if (type === S_IFLNK && entry.symlnk_target === undefined) walk.bad('a symbolic link that leads nowhere');
  if ((type === S_IFCHR || type === S_IFBLK) && entry.rdev === undefined) walk.bad('a device without number');
  const { xattr_names: names, xattr_values: values } = entry;
  if (names.length !== values.length)
    walk.bad(`${names.length} names of extended attributes and ${values.length} values`);
  const xattrs = names.map((one, i) => ({ name: one, value: values[i] ?? Buffer.alloc(0) }));
  const file = { name, path, entry, xattrs };
  if (type !== S_IFREG) return { ...file, size: 0, pieces: [] };
  if (entry.chunks) {
    if (entry.size === undefined || entry.size > BigInt(Number.MAX_SAFE_INTEGER))
      walk.bad(`a file in pieces whose size is ${entry.size}`);
    return { ...file, size: Number(entry.size), pieces: pieces(walk, entry.size) };
  }
  const size = walk.left;
  // CRIU's images do not have this field.
  const whole = entry.content_size ?? entry.size;
  if (whole !== undefined && whole !== BigInt(size))
    walk.bad(`the deleted file's content is ${size} of ${whole} bytes`);
  return { ...file, size, pieces: size ? [{ from: walk.offset, to: 0, length: size }] : [] };
}

const images = stateKey('images of deleted files', (_: PlanContext) => new Map<number, GhostImage>());

/** Reads a ghost image. @throws CriuError IMAGE_MISSING, BAD_IMAGE */
export function ghostImage(ctx: PlanContext, id: number): GhostImage {
  const all = ctx.states.get(images);
  let image = all.get(id);
  if (!image) {
    image = readGhostImage(join(ctx.checkpoint.source.dir, ghostImageName(id)), ghostImageName(id));
    all.set(id, image);
  }
  return image;
}

/** Reads a ghost image at a path. @throws CriuError IMAGE_MISSING, BAD_IMAGE */
export function readGhostImage(path: string, name: string): GhostImage {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw new CriuError(
      'IMAGE_MISSING',
      'the content of a deleted file is missing',
      { file: name },
      'the checkpoint is not complete',
      error,
    );
  }
  try {
    return walkThrough(new Walk(fd, name), name, path);
  } catch (error) {
    if (error instanceof Error && error.name === 'ImageError')
      throw new CriuError('BAD_IMAGE', 'the image cannot be read', { file: name }, undefined, error);
    throw asCriuError(error, 'the image cannot be read', { file: name });
  } finally {
    closeSync(fd);
  }
}
