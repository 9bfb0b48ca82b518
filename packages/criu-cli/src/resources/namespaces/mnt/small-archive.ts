// Archives with only a few plain files, such as those of a container's /dev, written and read without tar(1): most
// archives are that small, and three processes for each would take longer than everything else. The format is that of
// GNU tar (with pax(1) headers for fractions of a second). Anything that is not plain is left to tar.
import { decodeName, encodeName } from '@criu/native';
import { fstatSync, readSync, writeSync } from '@criu/native/fs';
import { NSEC_PER_SEC } from '../../../nanoseconds.js';
import { isPlain } from '../../../views/mount-paths.js';
import { KINDS, type Kind, type PlainFile, placeFiles, plainFiles } from './plain-files.js';
import { MOST_BYTES, type TreeFile } from './small-tree.js';
import { readStoredGzip, storeGzip } from './stored-gzip.js';

const BLOCK = 512;
/** Maximal size in bytes of an image that is read here. */
const MOST_READ = 1 << 20;
/** Maximal size in bytes of an image that is decompressed here: what is stored without compression is larger. */
const MOST_PACKED = 1 << 17;
/** Offsets of header fields; values are octal digits, except for name, type and magic. */
const AT = {
  name: 0,
  mode: 100,
  uid: 108,
  gid: 116,
  size: 124,
  mtime: 136,
  checksum: 148,
  type: 156,
  target: 157,
  mark: 257,
  major: 329,
  minor: 337,
} as const;
const NAME_ROOM = 100;
/** Header types of the kinds of file. */
const TYPES: Readonly<Record<Kind, string>> = {
  file: '0',
  link: '2',
  character: '3',
  block: '4',
  folder: '5',
  fifo: '6',
};

interface Fields extends Pick<PlainFile, 'mode' | 'uid' | 'gid' | 'mtime' | 'device'> {
  readonly size: number;
  /** Target of a symbolic link. */
  readonly target?: Buffer;
}

/** The sum of all bytes of a header, in which its own field counts as blanks, and no field follows those of devices. */
function sumOf(header: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < AT.minor + 8; at++)
    if (at < AT.checksum || at >= AT.checksum + 8) sum += header[at] ?? 0;
  return sum;
}

/** Fills in a header, which has only zeros. */
function fillHeader(header: Buffer, name: Buffer, type: string, fields: Fields): void {
  name.copy(header);
  const octal = (at: number, digits: number, value: number | bigint) =>
    header.write(value.toString(8).padStart(digits, '0'), at, 'latin1');
  octal(AT.mode, 7, fields.mode);
  octal(AT.uid, 7, fields.uid);
  octal(AT.gid, 7, fields.gid);
  octal(AT.size, 11, fields.size);
  octal(AT.mtime, 11, fields.mtime);
  header.write(type, AT.type, 'latin1');
  fields.target?.copy(header, AT.target);
  header.write('ustar\0' + '00', AT.mark, 'latin1');
  const { device } = fields;
  if (device) {
    octal(AT.major, 7, device.major);
    octal(AT.minor, 7, device.minor);
  }
  header.write(`${sumOf(header).toString(8).padStart(6, '0')}\0 `, AT.checksum, 'latin1');
}

/** Bytes that contents take in an archive. */
function roomFor(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

/** A pax record `LENGTH key=value\n`, whose length includes itself. */
function record(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (`${length}${rest}`.length !== length) length = `${length}${rest}`.length;
  return Buffer.from(`${length}${rest}`, 'latin1');
}

const NOTHING = Buffer.alloc(0);
/** The name of records that belong to the file after them. */
const RECORDS = Buffer.from('./PaxHeaders/mtime');
/** Two empty blocks end the archive. GNU tar pads it to records of 20 blocks, which only tapes need. */
const END = 2 * BLOCK;

/** Bytes of a file in the archive: its records, of less than a block, with a header, its header and its contents. */
function bytesOf({ kind, content }: PlainFile): number {
  return 3 * BLOCK + (kind === 'file' ? roomFor(content.length) : 0);
}

/** The archive of files; undefined if a value does not fit into a header. */
export function writeSmall(files: readonly PlainFile[]): Buffer | undefined {
  const archive = Buffer.alloc(files.reduce((sum, file) => sum + bytesOf(file), END));
  let at = 0;
  for (const file of files) {
    const { path, kind, mode, uid, gid, mtime, content, device } = file;
    const name = encodeName(`./${path}${kind === 'folder' && path !== '' ? '/' : ''}`);
    const target = kind === 'link' ? content : NOTHING;
    const most = 0o7777777;
    const seconds = mtime / NSEC_PER_SEC;
    if (
      name.length > NAME_ROOM ||
      target.length > NAME_ROOM ||
      uid > most ||
      gid > most ||
      mtime < 0n ||
      seconds > 0o77777777777n
    )
      return undefined;
    const fraction = (mtime % NSEC_PER_SEC).toString().padStart(9, '0');
    const more = record('mtime', `${seconds}.${fraction}`);
    const ofMore = { mode: 0o644, uid: 0, gid: 0, size: more.length, mtime: seconds };
    const [second, third] = [at + BLOCK, at + 2 * BLOCK];
    fillHeader(archive.subarray(at, second), RECORDS, 'x', ofMore);
    more.copy(archive, second);
    const data = kind === 'file' ? content : NOTHING;
    const fields = {
      mode,
      uid,
      gid,
      size: data.length,
      mtime: seconds,
      target,
      ...(device ? { device } : {}),
    };
    fillHeader(archive.subarray(third, third + BLOCK), name, TYPES[kind], fields);
    data.copy(archive, third + BLOCK);
    at += bytesOf(file);
  }
  return archive;
}

/** The octal number in a field; NaN for another form. */
function number(header: Buffer, at: number, size: number): number {
  const text = header
    .toString('latin1', at, at + size)
    .replace(/[\0 ]+$/, '')
    .trimStart();
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

/** The time in a pax header; undefined if there is none; `unknown` for other records. */
function timeOf(text: string): bigint | undefined | 'unknown' {
  let time: bigint | undefined;
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, key, value] = /^\d+ (\w+)=(.*)$/.exec(line) ?? [];
    if (key === 'atime' || key === 'ctime') continue;
    const [, seconds, fraction = ''] = /^(\d+)(?:\.(\d{1,9}))?$/.exec(value ?? '') ?? [];
    if (key !== 'mtime' || seconds === undefined) return 'unknown';
    time = BigInt(seconds) * NSEC_PER_SEC + BigInt(fraction.padEnd(9, '0'));
  }
  return time;
}

/** The bytes of a name, which may fill its field or end with a zero. */
function textIn(header: Buffer, at: number): Buffer {
  const room = header.subarray(at, at + NAME_ROOM);
  const end = room.indexOf(0);
  return end < 0 ? room : room.subarray(0, end);
}

/** The contents and device numbers of a file; undefined if they are malformed. */
function contentOf(
  kind: Kind,
  header: Buffer,
  content: Buffer,
): Pick<PlainFile, 'content' | 'device'> | undefined {
  if (kind === 'file') return { content };
  if (content.length > 0) return undefined;
  if (kind === 'link') {
    const target = textIn(header, AT.target);
    return target.length > 0 ? { content: target } : undefined;
  }
  if (kind !== 'character' && kind !== 'block') return { content };
  const device = { major: number(header, AT.major, 8), minor: number(header, AT.minor, 8) };
  // The kernel's limits for device numbers (MINORBITS in linux/kdev_t.h).
  return device.major < 1 << 12 && device.minor < 1 << 20 ? { content, device } : undefined;
}

/** The files of an archive; undefined if one is not plain or the archive is malformed, which tar will report. */
export function readSmall(archive: Buffer): PlainFile[] | undefined {
  const files: PlainFile[] = [];
  const folders = new Set<string>();
  const known = new Set<string>();
  let time: bigint | undefined;
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0))
      return files.length > 0 && files[0]?.path === '' ? files : undefined;
    const [mode, uid, gid] = [
      number(header, AT.mode, 8),
      number(header, AT.uid, 8),
      number(header, AT.gid, 8),
    ];
    const [size, seconds] = [number(header, AT.size, 12), number(header, AT.mtime, 12)];
    if (
      [mode, uid, gid, size, seconds].some(Number.isNaN) ||
      number(header, AT.checksum, 8) !== sumOf(header)
    )
      return undefined;
    if (header.toString('latin1', AT.mark, AT.mark + 5) !== 'ustar') return undefined;
    const content = archive.subarray(at + BLOCK, at + BLOCK + size);
    if (content.length !== size) return undefined;
    at += BLOCK + roomFor(size);
    const type = String.fromCharCode(header[AT.type] ?? 0);
    if (type === 'x') {
      const found = timeOf(content.toString('latin1'));
      if (found === 'unknown') return undefined;
      time = found;
      continue;
    }
    // ustar stores the first part of a longer name in the prefix field.
    const kind = KINDS.find((one) => TYPES[one] === type);
    if (kind === undefined || header[345] !== 0) return undefined;
    const name = decodeName(textIn(header, AT.name));
    const folder = kind === 'folder';
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
    const more = contentOf(kind, header, content);
    if (!more) return undefined;
    files.push({ path, kind, mode, uid, gid, mtime: time ?? BigInt(seconds) * NSEC_PER_SEC, ...more });
    time = undefined;
  }
  return undefined;
}

/**
 * Writes the archive of a file system to an image, if all its files are plain.
 * @returns whether it was written
 * @throws SysError
 */
export function createSmall(tree: readonly TreeFile[], image: number): boolean {
  const files = plainFiles(tree);
  const archive = files && writeSmall(files);
  if (!archive) return false;
  const packed = storeGzip(archive) ?? process.getBuiltinModule('node:zlib').gzipSync(archive, { level: 1 });
  for (let at = 0; at < packed.length; ) at += writeSync(image, packed, at);
  return true;
}

/** Decompresses an archive; undefined if it is malformed or too large. */
function unpacked(packed: Buffer): Buffer | undefined {
  if (packed.length > MOST_PACKED) return undefined;
  const { gunzipSync } = process.getBuiltinModule('node:zlib');
  try {
    return gunzipSync(packed, { maxOutputLength: 2 * MOST_BYTES });
  } catch {
    return undefined;
  }
}

/** Creates the files of an archive, if all are plain. @returns whether they were created @throws SysError */
export function extractSmall(image: number, folder: number): boolean {
  const { size } = fstatSync(image);
  if (size > MOST_READ) return false;
  const packed = Buffer.alloc(size);
  if (readSync(image, packed, 0, size, 0) !== size) return false;
  const archive = readStoredGzip(packed) ?? unpacked(packed);
  const files = archive && readSmall(archive);
  if (!files) return false;
  placeFiles(folder, files);
  return true;
}
