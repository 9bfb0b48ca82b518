// Archives with checkpoints, exported by podman, CRI-O or containerd: tar, plain or compressed with gzip or zstd.
// Images and the files of the engine are unpacked into a directory, which is removed when the command ends; file
// systems are skipped.
import { spawn } from 'node:child_process';
import {
  closeSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { pathArg } from '@criu/images';
import { UsageError } from '../io.js';
import { isTarHeader, readTar, type Sink } from './tar.js';

/** Files in the top directory of an archive with information about the container. */
const BESIDE =
  /^(config\.dump|spec\.dump|network\.status|stats-dump|bind\.mounts|deleted\.files|status|container\.log|dump\.log|io\.kubernetes\.cri-o\.LogPath)$/;
/** Files of which only the sizes are used. */
const COUNTED = /^(rootfs-diff\.tar|devshm-checkpoint\.tar|volumes\/.*|artifacts\/.*)$/;

type Kind = 'tar' | 'gzip' | 'zstd';

export interface Unpacked {
  /** Directory of the images. */
  readonly images: string;
  /** Directory of the files of the engine. */
  readonly beside: string;
  /** The path in the command line. */
  readonly origin: string;
  /** Sizes in bytes of parts that were skipped, by name. */
  readonly sizes: ReadonlyMap<string, number>;
}

const unpacked = new Map<string, Unpacked>();

/** The archive from which a directory of images was unpacked. */
export function unpackedFrom(images: string): Unpacked | undefined {
  return unpacked.get(images);
}

/** The kind of an archive by its first bytes; undefined for other files. */
function kindOf(path: string): Kind | undefined {
  const head = Buffer.alloc(512);
  const fd = openSync(pathArg(path), 'r');
  try {
    const size = readSync(fd, head, 0, head.length, 0);
    if (size >= 2 && head.readUInt16BE(0) === 0x1f8b) return 'gzip';
    if (size >= 4 && head.readUInt32LE(0) === 0xfd2fb528) return 'zstd';
    return size === head.length && isTarHeader(head) ? 'tar' : undefined;
  } finally {
    closeSync(fd);
  }
}

/** Decompresses with zstd(1), since older versions of Node lack Zstandard. */
async function* zstd(path: string): AsyncGenerator<Buffer, void, undefined> {
  const child = spawn('zstd', ['-dcq', '--', path], { stdio: ['ignore', 'pipe', 'pipe'] });
  const failed = new Promise<string | undefined>((resolve) => {
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    child.on('error', () => resolve('the program zstd is missing: install it, or unpack the archive'));
    child.on('close', (code) =>
      resolve(code === 0 ? undefined : `zstd: ${said.trim() || `ended with ${code}`}`),
    );
  });
  yield* child.stdout as AsyncIterable<Buffer>;
  const why = await failed;
  if (why !== undefined) throw new UsageError(`${path}: ${why}`);
}

function bytesOf(path: string, kind: Kind): AsyncIterable<Buffer> {
  if (kind === 'zstd') return zstd(path);
  const file = createReadStream(pathArg(path), { highWaterMark: 1 << 20 });
  if (kind === 'tar') return file;
  const plain = createGunzip({ chunkSize: 1 << 20 });
  file.on('error', (error) => plain.destroy(error));
  return file.pipe(plain);
}

function writer(path: string): Sink {
  const fd = openSync(path, 'wx', 0o600);
  return {
    write: (bytes) => {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    },
    end: () => closeSync(fd),
  };
}

/**
 * The path of a member of the archive below the directory. Only names without further directories are accepted, so no
 * member leaves it.
 */
function placeOf(name: string): string | undefined {
  const plain = name.replace(/^(\.?\/)+/, '');
  const image = /^checkpoint\/([^/]+)$/.exec(plain)?.[1] ?? /^([^/]+\.img)$/.exec(plain)?.[1];
  if (image !== undefined && image !== '..' && image !== '.') return join('checkpoint', image);
  return BESIDE.test(plain) ? plain : undefined;
}

async function unpack(path: string, kind: Kind): Promise<Unpacked> {
  const folder = mkdtempSync(join(tmpdir(), 'crit-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const images = join(folder, 'checkpoint');
  mkdirSync(images);
  const sizes = new Map<string, number>();
  const seen = new Set<string>();
  try {
    await readTar(bytesOf(path, kind), path, ({ name, size, isFile }) => {
      const plain = name.replace(/^(\.?\/)+/, '');
      if (isFile && COUNTED.test(plain)) sizes.set(plain, size);
      const place = isFile ? placeOf(name) : undefined;
      if (place === undefined || seen.has(place)) return undefined;
      seen.add(place);
      return writer(join(folder, place));
    });
  } catch (error) {
    if (
      /^Z_|unexpected end of file|incorrect/.test(
        `${(error as NodeJS.ErrnoException).code} ${(error as Error).message}`,
      )
    )
      throw new UsageError(
        `${path}: the archive is damaged: ${(error as Error).message}`,
        'take a copy that is whole, or export the checkpoint again',
      );
    throw error;
  }
  if (seen.size === 0) throw new UsageError(`${path}: an archive without a checkpoint`, EXPORTS);
  const found: Unpacked = { images, beside: folder, origin: path, sizes };
  unpacked.set(images, found);
  return found;
}

/**
 * The directory of images for a path: the path itself, the images in an unpacked archive, or those of an archive.
 * @throws UsageError for an archive without images
 */
export async function imagesOf(path: string): Promise<string> {
  const stat = statSync(pathArg(path), { throwIfNoEntry: false });
  if (stat?.isDirectory()) {
    const inside = join(path, 'checkpoint');
    const isExport =
      !existsSync(pathArg(join(path, 'inventory.img'))) && existsSync(pathArg(join(inside, 'inventory.img')));
    if (!isExport) return path;
    unpacked.set(inside, { images: inside, beside: path, origin: path, sizes: new Map() });
    return inside;
  }
  if (!stat?.isFile()) return path;
  const kind = kindOf(path);
  return kind === undefined ? path : (await unpack(path, kind)).images;
}

const EXPORTS = 'name an archive that podman, CRI-O or containerd has exported with a checkpoint in it';
const PLACES = 'name the directory of images, or an archive of a container';

/** As {@link imagesOf}, for a command that needs a whole checkpoint. @throws UsageError also for any other path */
export async function checkpointOf(path: string): Promise<string> {
  const found = await imagesOf(path);
  const stat = statSync(pathArg(found), { throwIfNoEntry: false });
  if (stat === undefined) throw new UsageError(`${path}: there is no such file or directory`, PLACES);
  if (!stat.isDirectory())
    throw new UsageError(`${path}: neither a directory of images nor an archive (tar, gzip, zstd)`, PLACES);
  return found;
}

/** @throws UsageError for an archive, which cannot be changed in place */
export function mustBeFolder(path: string): void {
  const stat = statSync(pathArg(path), { throwIfNoEntry: false });
  if (stat?.isDirectory()) return;
  throw stat === undefined
    ? new UsageError(`${path}: there is no such directory`, 'name the directory of images')
    : new UsageError(
        `${path}: pages can only be packed in a directory of images, not in an archive`,
        'unpack the archive, and name the directory with the images',
      );
}
