/// <reference types="node" preserve="true" />
// node:fs for names of arbitrary bytes (names.ts). Node itself encodes and decodes paths as UTF-8 and so would open
// another file or none. Functions that take only descriptors are Node's own.
import * as fs from 'node:fs';
import { resolve } from 'node:path';
import { decodeLatin1, isOddName, pathArg } from './names.js';

export {
  type BigIntStats,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  ftruncateSync,
  readSync,
  type Stats,
  writeSync,
} from 'node:fs';

type Path = string | number;

/** Errors of node have the path decoded as UTF-8, with bytes lost: replaces it by the exact path. */
function renamed(error: unknown, path: string): unknown {
  if (error instanceof Error && 'path' in error && typeof error.path === 'string') {
    error.message = error.message.replace(`'${error.path}'`, () => `'${path}'`);
    error.path = path;
  }
  return error;
}

/** Wraps a function of node:fs whose first argument is a path or a descriptor. */
function onPath<F>(call: F): F {
  const plain = call as (path: Path | Buffer, ...rest: unknown[]) => unknown;
  const named = (path: Path, ...rest: unknown[]) => {
    if (typeof path === 'number' || !isOddName(path)) return plain(path, ...rest);
    try {
      return plain(pathArg(path), ...rest);
    } catch (error) {
      throw renamed(error, path);
    }
  };
  return named as F;
}

export const accessSync = onPath(fs.accessSync);
export const chmodSync = onPath(fs.chmodSync);
export const chownSync = onPath(fs.chownSync);
export const existsSync = onPath(fs.existsSync);
export const lstatSync = onPath(fs.lstatSync);
export const mkdirSync = onPath(fs.mkdirSync);
export const openSync = onPath(fs.openSync);
export const readFileSync = onPath(fs.readFileSync);
export const rmSync = onPath(fs.rmSync);
export const rmdirSync = onPath(fs.rmdirSync);
export const statSync = onPath(fs.statSync);
export const statfsSync = onPath(fs.statfsSync);
export const unlinkSync = onPath(fs.unlinkSync);
export const utimesSync = onPath(fs.utimesSync);
export const writeFileSync = onPath(fs.writeFileSync);

// latin1 has one character for each byte. Results as one Buffer for each name would cost as much time as the system
// call.
const readlinkBytes = onPath(fs.readlinkSync) as (path: string, encoding: 'latin1') => string;
const realpathBytes = onPath(fs.realpathSync.native) as (path: string, encoding: 'latin1') => string;
const readdirBytes = onPath(fs.readdirSync) as {
  (path: string, encoding: 'latin1'): string[];
  (path: string, options: { withFileTypes: true; encoding: 'latin1' }): fs.Dirent[];
};

/** The target of a symbolic link, or the kernel's description of a descriptor (`/proc/PID/fd`). */
export function readlinkSync(path: string): string {
  return decodeLatin1(readlinkBytes(path, 'latin1'));
}

/** The absolute path without symbolic links. */
export function realpathSync(path: string): string {
  return decodeLatin1(realpathBytes(path, 'latin1'));
}

/** Names in a directory. */
export function readdirSync(path: string): string[] {
  return readdirBytes(path, 'latin1').map(decodeLatin1);
}

/** Names of the subdirectories of a directory. */
export function readFoldersSync(path: string): string[] {
  return readdirBytes(path, { withFileTypes: true, encoding: 'latin1' })
    .filter((entry) => entry.isDirectory())
    .map((entry) => decodeLatin1(entry.name));
}

export function symlinkSync(target: string, path: string): void {
  onPath((at: string) => fs.symlinkSync(pathArg(target), at))(path);
}

/** The working directory of this process. */
export function workingDirectory(): string {
  const path = process.cwd();
  return path.includes('\ufffd') ? readlinkSync('/proc/self/cwd') : path;
}

export function chdir(path: string): void {
  if (!isOddName(path)) {
    process.chdir(path);
    return;
  }
  const fd = openSync(path, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  try {
    process.chdir(`/proc/self/fd/${fd}`);
  } finally {
    fs.closeSync(fd);
  }
}

/** As resolve() of node:path, relative to {@link workingDirectory}. */
export function resolvePath(...paths: string[]): string {
  return resolve(workingDirectory(), ...paths);
}
