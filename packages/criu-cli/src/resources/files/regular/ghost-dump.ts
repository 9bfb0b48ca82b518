// Ghost files: deleted files that are still open. Their contents go to an image, once for each inode.
import {
  type Encodable,
  encodeImage,
  encodeMessage,
  type GhostFileEntry,
  imageFileName,
  RemapType,
} from '@criu/images';
import { cstring, decodeName, SysError, sys, sysRaw } from '@criu/native';
import { closeSync, writeFileSync } from '@criu/native/fs';
import {
  EINVAL,
  ENXIO,
  HUGETLBFS_MAGIC,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  SEEK_DATA,
  SEEK_HOLE,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { asCriuError, CriuError } from '../../../errors.js';
import { splitSeconds } from '../../../nanoseconds.js';
import { stateKey } from '../../../states.js';
import { ownerInside } from '../../../views/users.js';
import { kernelDev } from '../open-file.js';
import type { PathFile } from './dump.js';
import { type Extent, mappedExtents } from './extents.js';
import { LOCKED, readInodeFlags } from './inode-flags.js';
import { type Reader, readerOf } from './reader.js';
import { readXattrs } from './xattrs.js';

const DEFAULT_LIMIT = 1 << 20;
/** Files from this size on are stored in chunks, so that holes are preserved. */
const CHUNKS_FROM = 3n * 4096n;

const ghosts = stateKey('ghost files', (_: DumpContext): Map<string, number> => new Map<string, number>());

/**
 * The target of a symbolic link that is open itself (O_PATH); readlink(2) of its /proc entry would return the link's
 * own path.
 */
function linkTarget(fd: number): string {
  const bytes = Buffer.alloc(4096);
  const length = sys('readlinkat', fd, cstring(''), bytes, bytes.length);
  return decodeName(bytes.subarray(0, length));
}

/** Ensures that a deleted file is in the images. @returns id of its ghost image @throws CriuError */
export function keepGhost(ctx: DumpContext, file: PathFile): number {
  const known = ctx.states.get(ghosts);
  const { stat } = file;
  const key = `${stat.dev}:${stat.ino}`;
  let ghost = known.get(key);
  if (ghost === undefined) {
    // Files of hugetlbfs support reading, but not writing.
    if (file.fsType === HUGETLBFS_MAGIC)
      throw new CriuError(
        'UNSUPPORTED',
        'a deleted file of huge pages is open',
        { pid: file.pid, file: file.link, ...(file.fd === undefined ? {} : { fd: file.fd }) },
        'give it a name again before the dump',
      );
    const limit = BigInt(ctx.options.ghostLimit ?? DEFAULT_LIMIT);
    if (stat.blocks * 512n > limit)
      throw new CriuError(
        'UNSUPPORTED',
        `a deleted file of ${stat.blocks * 512n} bytes is more than the limit of ${limit}`,
        { pid: file.pid, file: file.link, ...(file.fd === undefined ? {} : { fd: file.fd }) },
        `allow it with --ghost-limit ${stat.blocks * 512n}`,
      );
    ghost = known.size + 1;
    known.set(key, ghost);
    writeGhost(ctx, ghost, file);
  }
  return ghost;
}

/** Ensures that a deleted file is in the images, and adds a remap for file `id`. @throws CriuError */
export function dumpGhost(ctx: DumpContext, id: number, file: PathFile): void {
  const ghost = keepGhost(ctx, file);
  ctx.images.add('REMAP_FPATH', { orig_id: id, remap_id: ghost, remap_type: RemapType.GHOST });
}

/** Converts nanoseconds since 1970, possibly negative, to seconds and nanoseconds. */
function timeOf(ns: bigint) {
  const { sec, nsec } = splitSeconds(ns);
  return { timeval: { tv_sec: BigInt.asUintN(64, sec), tv_usec: nsec / 1000n }, nsec: Number(nsec) };
}

/** Inode flags (chattr(1)) and extended attributes of a file. */
function attributesOf(file: PathFile, readable: number | undefined): Partial<Encodable<GhostFileEntry>> {
  const xattrs = readXattrs(file.local);
  const flags = readable === undefined ? undefined : readInodeFlags(readable);
  if (flags && flags & LOCKED)
    throw new CriuError(
      'UNSUPPORTED',
      'a deleted file that cannot be changed (chattr +i, +a) is open',
      { pid: file.pid, file: file.link, ...(file.fd === undefined ? {} : { fd: file.fd }) },
      'take that attribute away before the dump',
    );
  return {
    ...(xattrs.length === 0
      ? {}
      : {
          xattr_names: xattrs.map((one) => one.name),
          xattr_values: xattrs.map((one) => Buffer.from(one.value)),
        }),
    ...(flags ? { inode_flags: flags } : {}),
  };
}

function ghostEntry(
  ctx: DumpContext,
  file: PathFile,
  readable: number | undefined,
): Encodable<GhostFileEntry> {
  const { stat } = file;
  const mode = Number(stat.mode);
  const type = mode & S_IFMT;
  const [atim, mtim] = [timeOf(stat.atimeNs), timeOf(stat.mtimeNs)];
  return {
    ...ownerInside(ctx, stat, 'a deleted file', { pid: file.pid, file: file.link }),
    mode,
    dev: kernelDev(stat.dev),
    ino: stat.ino,
    ...(type === S_IFCHR || type === S_IFBLK ? { rdev: Number(stat.rdev & 0xffffffffn) } : {}),
    atim: atim.timeval,
    mtim: mtim.timeval,
    ...(type === S_IFREG && stat.size >= CHUNKS_FROM ? { chunks: true, size: stat.size } : {}),
    ...(type === S_IFLNK ? { symlnk_target: linkTarget(file.local) } : {}),
    ...attributesOf(file, readable),
    ...(type === S_IFREG && stat.size < CHUNKS_FROM ? { content_size: stat.size } : {}),
    atim_nsec: atim.nsec,
    mtim_nsec: mtim.nsec,
  };
}

function cannotRead(file: PathFile): CriuError {
  return new CriuError(
    'UNSUPPORTED',
    'a deleted file with a lease cannot be read without breaking the lease: it is mapped, or open for writing only',
    { pid: file.pid, file: file.link, ...(file.fd === undefined ? {} : { fd: file.fd }) },
    'give the lease up before the dump',
  );
}

function writeGhost(ctx: DumpContext, ghost: number, file: PathFile): void {
  const name = imageFileName('GHOST_FILE', ghost);
  const { stat } = file;
  const type = Number(stat.mode) & S_IFMT;
  try {
    using reader = type === S_IFREG || type === S_IFDIR ? readerOf(ctx, file) : undefined;
    if (type === S_IFREG && !reader) throw cannotRead(file);
    const entry = ghostEntry(ctx, file, reader?.fd);
    const out = ctx.images.openRaw(name);
    try {
      writeFileSync(out, encodeImage('GHOST_FILE', [{ entry }]));
      if (type === S_IFREG && reader) {
        const size = Number(stat.size);
        ctx.ifStopped(() => {
          if (entry.chunks) copyChunks(reader, out, size, ctx.options.ghostFiemap === true);
          else copy(reader.fd, 0, out, size);
        }, undefined);
      }
    } finally {
      closeSync(out);
    }
  } catch (error) {
    throw asCriuError(error, `cannot keep a deleted file in ${name}`, { pid: file.pid, file: file.link });
  }
}

function copy(from: number, offset: number, to: number, length: number): void {
  const position = new BigInt64Array([BigInt(offset)]);
  for (let left = length; left > 0; ) {
    const n = sysRaw('sendfile', to, from, position, left);
    if (n <= 0) throw new SysError('sendfile', n < 0 ? -n : 5);
    left -= n;
  }
}

/** The parts of a file that are not holes, by lseek(2), which moves the file position. */
function* dataOf(fd: number, size: number): Generator<Extent> {
  for (let at = 0; at < size; ) {
    const start = sysRaw('lseek', fd, at, SEEK_DATA);
    if (start === -ENXIO) return;
    if (start === -EINVAL && at === 0) {
      // The file system cannot report holes.
      yield { start: 0, end: size };
      return;
    }
    if (start < 0) throw new SysError('lseek', -start);
    const end = sysRaw('lseek', fd, start, SEEK_HOLE);
    if (end < 0) throw new SysError('lseek', -end);
    yield { start, end };
    at = end;
  }
}

function copyChunks({ fd: source, shared }: Reader, out: number, size: number, byMap: boolean): void {
  const mapped = byMap ? mappedExtents(source, size) : undefined;
  for (const { start, end } of mapped ?? (shared ? [{ start: 0, end: size }] : dataOf(source, size))) {
    const chunk = encodeMessage('GhostChunkEntry', { len: BigInt(end - start), off: BigInt(start) });
    const length = Buffer.alloc(4);
    length.writeUInt32LE(chunk.length);
    writeFileSync(out, Buffer.concat([length, chunk]));
    copy(source, start, out, end - start);
  }
}
