/// <reference types="node" preserve="true" />
// node:fs for names that are any bytes (names.ts): node alone reads and writes paths as UTF-8, and so finds other files
// or none where they are not. Paths go in and come out as such strings; what takes descriptors only is node's own.
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

/** What node throws has its own reading of the path, in which bytes are lost. */
function renamed(error: unknown, path: string): unknown {
  if (error instanceof Error && 'path' in error && typeof error.path === 'string') {
    error.message = error.message.replace(`'${error.path}'`, () => `'${path}'`);
    error.path = path;
  }
  return error;
}

/** A function of node:fs whose first argument is a path (or a descriptor). */
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

// A character for each byte: decoding buffers, one for each name, takes as long as the system call.
const readlinkBytes = onPath(fs.readlinkSync) as (path: string, encoding: 'latin1') => string;
const realpathBytes = onPath(fs.realpathSync.native) as (path: string, encoding: 'latin1') => string;
const readdirBytes = onPath(fs.readdirSync) as {
  (path: string, encoding: 'latin1'): string[];
  (path: string, options: { withFileTypes: true; encoding: 'latin1' }): fs.Dirent[];
};

/** Where a symbolic link leads, or what the kernel says of a descriptor (`/proc/PID/fd`). */
export function readlinkSync(path: string): string {
  return decodeLatin1(readlinkBytes(path, 'latin1'));
}

/** The path without symbolic links. */
export function realpathSync(path: string): string {
  return decodeLatin1(realpathBytes(path, 'latin1'));
}

/** Names in a folder. */
export function readdirSync(path: string): string[] {
  return readdirBytes(path, 'latin1').map(decodeLatin1);
}

/** Names of the folders in a folder. */
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

/** As that of node:path, from the working directory. */
export function resolvePath(...paths: string[]): string {
  return resolve(workingDirectory(), ...paths);
}
