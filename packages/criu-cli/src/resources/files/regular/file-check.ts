// Checks that a file is still the one that was dumped: type and permissions, size, and build id of a program.

import { closeSync, fstatSync, openSync, type Stats } from '@criu/native/fs';
import { O_ACCMODE, O_APPEND, O_WRONLY } from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import type { RegFileEntry } from '../../../images/types.js';
import type { RestoreOptions } from '../../../options.js';
import { readBuildId } from './build-id.js';

const RWX = 0o777;
const REMEDY = 'bring it back as it was when the checkpoint was made';

export type CheckOptions = Pick<RestoreOptions, 'skipFileRwxCheck' | 'fileValidation'>;

function changed(path: string, message: string, remedy = REMEDY): never {
  throw new CriuError('FILE_CHANGED', message, { file: path }, remedy);
}

function checkMode(reg: RegFileEntry, path: string, mode: number, options: CheckOptions): void {
  if (reg.mode === undefined) return;
  const counts = options.skipFileRwxCheck ? ~RWX : ~0;
  if ((mode & counts) === (reg.mode & counts)) return;
  const remedy =
    (mode & ~RWX) === (reg.mode & ~RWX)
      ? `${REMEDY}, or go without this check with --skip-file-rwx-check`
      : REMEDY;
  changed(path, `mode is ${mode.toString(8)}, was ${reg.mode.toString(8)}`, remedy);
}

/** A file opened for appending only may have grown: the task writing to it does not depend on its size. */
function mayGrow({ flags }: RegFileEntry): boolean {
  return (flags & O_ACCMODE) === O_WRONLY && (flags & O_APPEND) !== 0;
}

function checkSize(reg: RegFileEntry, path: string, size: bigint): void {
  if (reg.size === undefined || size === reg.size || (size > reg.size && mayGrow(reg))) return;
  const key = reg.ext ? reg.name : reg.name.replace(/^\//, '');
  const cut = size > reg.size ? `cut off what was added (truncate -s ${reg.size} '${path}'), or ` : '';
  changed(
    path,
    `size is ${size}, was ${reg.size}`,
    `${REMEDY}: ${cut}hand it over open and as it is now with --inherit-fd 'fd[N]:${key}'`,
  );
}

function hex(words: readonly number[]): string {
  const bytes = Buffer.alloc(words.length * 4);
  for (const [i, word] of words.entries()) bytes.writeUInt32LE(word >>> 0, i * 4);
  return bytes.toString('hex');
}

function checkBuildId(reg: RegFileEntry, path: string, source: string | Buffer): void {
  const fd = openSync(source, 'r');
  let now: number[];
  try {
    now = readBuildId(fd);
  } finally {
    closeSync(fd);
  }
  // A file without a build id can only be recognised by its size, as in CRIU.
  if (now.length === 0 || hex(now) === hex(reg.build_id)) return;
  changed(
    path,
    `build id is ${hex(now)}, was ${hex(reg.build_id)}`,
    `${REMEDY}, or have only its size compared with --file-validation filesize`,
  );
}

/**
 * Checks a file.
 * @param path name of the file in errors
 * @param source path under which it can be read
 * @throws CriuError FILE_CHANGED
 */
export function checkStat(
  reg: RegFileEntry,
  path: string,
  stat: Pick<Stats, 'mode' | 'size'>,
  options: CheckOptions,
  source: string | Buffer = path,
): void {
  checkMode(reg, path, stat.mode, options);
  checkSize(reg, path, BigInt(stat.size));
  if (reg.size === undefined || reg.build_id.length === 0 || options.fileValidation === 'filesize') return;
  checkBuildId(reg, path, source);
}

/** Checks a file that is open in this process. @throws CriuError FILE_CHANGED */
export function checkFile(reg: RegFileEntry, path: string, fd: number, options: CheckOptions): void {
  checkStat(reg, path, fstatSync(fd), options, `/proc/self/fd/${fd}`);
}
