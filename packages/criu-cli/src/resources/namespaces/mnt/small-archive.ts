// Archives of file systems in memory with nothing but a few plain files and folders, made and read without tar(1): most have no more,
// and three processes for each of them take longer than all else. The form is that of GNU tar (pax(1) headers for the fraction of a
// second). Whatever is not that plain is undefined here, and left to tar.
import { cstring, decodeName, encodeName, sys } from '@criu/native';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  writeSync,
} from '@criu/native/fs';
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, S_IFDIR, S_IFMT, S_IFREG } from '@criu/native/uapi';
import { isPlain } from '../../../views/mount-paths.js';
import { readXattrs } from '../../files/regular/xattrs.js';

const BLOCK = 512;
/** Archives are padded to a multiple of it, as tar's are. */
const RECORD = 20 * BLOCK;
const MOST_ENTRIES = 64;
const MOST_BYTES = 1 << 18;
/** An archive of so many bytes at most, packed, is looked into. */
const MOST_PACKED = 1 << 17;
/** Where a header has what: octal digits, but for the name, the type and the mark. */
const AT = {
  name: 0,
  mode: 100,
  uid: 108,
  gid: 116,
  size: 124,
  mtime: 136,
  checksum: 148,
  type: 156,
  mark: 257,
} as const;
const NAME_ROOM = 100;
const UTIME_OMIT = 0x3ffffffen;
/** utimensat(2) of the file itself. */
const NANOSECONDS = 1_000_000_000n;

export interface PlainFile {
  /** Below the root; empty for that itself. */
  readonly path: string;
  readonly folder: boolean;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Nanoseconds since the epoch. */
  readonly mtime: bigint;
  readonly content: Buffer;
}

const NOTHING = Buffer.alloc(0);

function readAll(path: string, size: number): Buffer | undefined {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const content = Buffer.alloc(size);
    return readSync(fd, content, 0, size, 0) === size ? content : undefined;
  } finally {
    closeSync(fd);
  }
}

function hasAttributes(path: string): boolean {
  const fd = openSync(path, 0o10000000 /* O_PATH */ | constants.O_NOFOLLOW);
  try {
    return readXattrs(fd).length > 0;
  } finally {
    closeSync(fd);
  }
}

/** All files below an open folder, each behind the folder that it is in; undefined if any of them is not plain. @throws SysError */
export function plainFiles(root: number): PlainFile[] | undefined {
  const files: PlainFile[] = [];
  let room = MOST_BYTES;
  const device = fstatSync(root, { bigint: true }).dev;
  const visit = (path: string): boolean => {
    const place = `/proc/self/fd/${root}/${path === '' ? '.' : path}`;
    const stat = lstatSync(place, { bigint: true });
    const type = Number(stat.mode) & S_IFMT;
    const folder = type === S_IFDIR;
    const plain = folder || (type === S_IFREG && stat.nlink === 1n && stat.blocks * 512n >= stat.size);
    room -= folder ? 0 : Number(stat.size);
    if (!plain || room < 0 || files.length >= MOST_ENTRIES || stat.dev !== device || hasAttributes(place))
      return false;
    const content = folder ? NOTHING : readAll(place, Number(stat.size));
    if (!content) return false;
    const [uid, gid, mode] = [Number(stat.uid), Number(stat.gid), Number(stat.mode) & 0o7777];
    files.push({ path, folder, mode, uid, gid, mtime: stat.mtimeNs, content });
    return !folder || readdirSync(place).every((name) => visit(path === '' ? name : `${path}/${name}`));
  };
  return visit('') ? files : undefined;
}

function block(
  name: Buffer,
  type: string,
  fields: { mode: number; uid: number; gid: number; size: number; mtime: bigint },
): Buffer {
  const header = Buffer.alloc(BLOCK);
  name.copy(header);
  const octal = (at: number, digits: number, value: number | bigint) =>
    header.write(value.toString(8).padStart(digits, '0'), at, 'latin1');
  octal(AT.mode, 7, fields.mode);
  octal(AT.uid, 7, fields.uid);
  octal(AT.gid, 7, fields.gid);
  octal(AT.size, 11, fields.size);
  octal(AT.mtime, 11, fields.mtime);
  header.write(type, AT.type, 'latin1');
  header.write('ustar\0' + '00', AT.mark, 'latin1');
  header.fill(' ', AT.checksum, AT.checksum + 8);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, AT.checksum, 'latin1');
  return header;
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
}

/** `LENGTH key=value\n`, where the length counts itself. */
function record(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (`${length}${rest}`.length !== length) length = `${length}${rest}`.length;
  return Buffer.from(`${length}${rest}`, 'latin1');
}

/** The archive of files; undefined if a header has no room for what one of them is like. */
export function writeSmall(files: readonly PlainFile[]): Buffer | undefined {
  const parts: Buffer[] = [];
  for (const { path, folder, mode, uid, gid, mtime, content } of files) {
    const name = Buffer.concat([
      Buffer.from('./'),
      encodeName(path),
      Buffer.from(folder && path !== '' ? '/' : ''),
    ]);
    const most = 0o7777777;
    if (
      name.length > NAME_ROOM ||
      uid > most ||
      gid > most ||
      mtime < 0n ||
      mtime / NANOSECONDS > 0o77777777777n
    )
      return undefined;
    const seconds = mtime / NANOSECONDS;
    const fraction = (mtime % NANOSECONDS).toString().padStart(9, '0');
    const more = record('mtime', `${seconds}.${fraction}`);
    parts.push(
      block(Buffer.from('./PaxHeaders/mtime'), 'x', {
        mode: 0o644,
        uid: 0,
        gid: 0,
        size: more.length,
        mtime: seconds,
      }),
    );
    parts.push(
      padded(more),
      block(name, folder ? '5' : '0', { mode, uid, gid, size: content.length, mtime: seconds }),
    );
    parts.push(padded(content));
  }
  const length = parts.reduce((sum, { length }) => sum + length, 2 * BLOCK);
  parts.push(Buffer.alloc(2 * BLOCK + ((RECORD - (length % RECORD)) % RECORD)));
  return Buffer.concat(parts);
}

/** The octal number of a field; NaN if it has another form. */
function number(header: Buffer, at: number, size: number): number {
  const text = header
    .toString('latin1', at, at + size)
    .replace(/[\0 ]+$/, '')
    .trimStart();
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

/** The time that a pax header gives; undefined if it has other things that would have to be known. */
function timeOf(text: string): bigint | undefined | 'unknown' {
  let time: bigint | undefined;
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, key, value] = /^\d+ (\w+)=(.*)$/.exec(line) ?? [];
    if (key === 'atime' || key === 'ctime') continue;
    const [, seconds, fraction = ''] = /^(\d+)(?:\.(\d{1,9}))?$/.exec(value ?? '') ?? [];
    if (key !== 'mtime' || seconds === undefined) return 'unknown';
    time = BigInt(seconds) * NANOSECONDS + BigInt(fraction.padEnd(9, '0'));
  }
  return time;
}

/** What is in an archive; undefined if any of it is not plain, or broken: tar says what is wrong with it. */
export function readSmall(archive: Buffer): PlainFile[] | undefined {
  const files: PlainFile[] = [];
  const folders = new Set<string>();
  const known = new Set<string>();
  let time: bigint | undefined;
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0))
      return files.length > 0 && files[0]?.path === '' ? files : undefined;
    const sum = header.reduce(
      (total, byte, i) => total + (i >= AT.checksum && i < AT.checksum + 8 ? 32 : byte),
      0,
    );
    const [mode, uid, gid] = [
      number(header, AT.mode, 8),
      number(header, AT.uid, 8),
      number(header, AT.gid, 8),
    ];
    const [size, seconds] = [number(header, AT.size, 12), number(header, AT.mtime, 12)];
    if ([mode, uid, gid, size, seconds].some(Number.isNaN) || number(header, AT.checksum, 8) !== sum)
      return undefined;
    if (header.toString('latin1', AT.mark, AT.mark + 5) !== 'ustar') return undefined;
    const content = archive.subarray(at + BLOCK, at + BLOCK + size);
    if (content.length !== size) return undefined;
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(header[AT.type] ?? 0);
    if (type === 'x') {
      const found = timeOf(content.toString('latin1'));
      if (found === 'unknown') return undefined;
      time = found;
      continue;
    }
    // What a longer name begins with (ustar) is behind all else.
    if ((type !== '0' && type !== '5') || header[345] !== 0) return undefined;
    const end = header.indexOf(0);
    const name = decodeName(header.subarray(0, Math.min(end < 0 ? NAME_ROOM : end, NAME_ROOM)));
    const folder = type === '5';
    const path = name.replace(/^\.\//, '').replace(folder ? /\/$/ : /$^/, '');
    const above = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
    if (
      !name.startsWith('./') ||
      known.has(path) ||
      (path !== '' && (!isPlain(`/${path}`) || !folders.has(above)))
    )
      return undefined;
    known.add(path);
    if (folder) folders.add(path);
    files.push({ path, folder, mode, uid, gid, mtime: time ?? BigInt(seconds) * NANOSECONDS, content });
    time = undefined;
  }
  return undefined;
}

/** Makes the files below an open folder, which is empty. @throws SysError */
export function placeFiles(root: number, files: readonly PlainFile[]): void {
  const placeOf = (path: string) => `/proc/self/fd/${root}/${path === '' ? '.' : path}`;
  for (const { path, folder, mode, uid, gid, content } of files) {
    const place = cstring(placeOf(path));
    if (folder && path !== '') sys('mkdirat', AT_FDCWD, place, 0o700);
    if (!folder) {
      const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
      const fd = openSync(placeOf(path), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
      try {
        for (let at = 0; at < content.length; ) at += writeSync(fd, content, at);
      } finally {
        closeSync(fd);
      }
    }
    sys('fchownat', AT_FDCWD, place, uid, gid, AT_SYMLINK_NOFOLLOW);
    sys('fchmodat', AT_FDCWD, place, mode);
  }
  // Files that are made in a folder change its time.
  for (const { path, mtime } of [...files].reverse()) {
    const times = Buffer.alloc(32);
    times.writeBigInt64LE(UTIME_OMIT, 8);
    times.writeBigInt64LE(mtime / NANOSECONDS, 16);
    times.writeBigInt64LE(mtime % NANOSECONDS, 24);
    sys('utimensat', AT_FDCWD, cstring(placeOf(path)), times, 0);
  }
}

/** Writes the archive of a folder to an image, if all of it is plain. @returns whether it is written @throws SysError */
export function createSmall(folder: number, image: number): boolean {
  const files = plainFiles(folder);
  const archive = files && writeSmall(files);
  if (!archive) return false;
  const { gzipSync } = process.getBuiltinModule('node:zlib');
  const packed = gzipSync(archive, { level: 1 });
  for (let at = 0; at < packed.length; ) at += writeSync(image, packed, at);
  return true;
}

/** Makes the files of an archive, if all of it is plain. @returns whether they are there @throws SysError */
export function extractSmall(image: number, folder: number): boolean {
  const { size } = fstatSync(image);
  if (size > MOST_PACKED) return false;
  const packed = Buffer.alloc(size);
  if (readSync(image, packed, 0, size, 0) !== size) return false;
  const { gunzipSync } = process.getBuiltinModule('node:zlib');
  let archive: Buffer;
  try {
    archive = gunzipSync(packed, { maxOutputLength: 2 * MOST_BYTES });
  } catch {
    return false;
  }
  const files = readSmall(archive);
  if (!files) return false;
  placeFiles(folder, files);
  return true;
}
