// The files that a process has mapped: names as the kernel shows them, and contents, which are in the images only for
// deleted files.
import { Buffer } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import {
  fileChunks,
  type GhostChunkEntry,
  ImageDecoder,
  type ImageSet,
  imageFileName,
  pathArg,
  type RegFileEntry,
  RemapType,
  VMA,
  type VmaEntry,
} from '@criu/images';

/** Bytes of one read. */
const BLOCK = 1 << 20;

/** Bytes of a file at an offset. The next piece may reuse the memory. */
export interface FilePiece {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** Reads a part of a file. Bytes in no piece are zero. */
export type FileReader = (from: number, to: number) => Generator<FilePiece, void, undefined>;

export class MappedFiles {
  private readonly remaps: ReadonlyMap<number, { readonly type: number; readonly id: number }>;
  private readonly readers = new Map<number, FileReader | string>();

  /** @param root directory that the processes see as `/` */
  constructor(
    private readonly set: ImageSet,
    private readonly root: string,
  ) {
    const remaps = set.has('REMAP_FPATH') ? set.entries('REMAP_FPATH') : [];
    this.remaps = new Map(
      remaps.map((entry) => [
        entry.orig_id,
        { type: entry.remap_type ?? RemapType.LINKED, id: entry.remap_id },
      ]),
    );
  }

  /** The name in /proc/PID/maps; undefined for a mapping without a file. */
  name(vma: VmaEntry): string | undefined {
    const { status } = vma;
    if (status & VMA.SYSVIPC) return `/SYSV${this.systemVKey(vma.shmid)} (deleted)`;
    if (status & VMA.AIORING) return '/[aio] (deleted)';
    if (status & VMA.SOCKET) return 'socket:';
    if (status & VMA.MEMFD) {
      const name = this.memfdName(vma);
      // Images have shared anonymous memory as a memfd of this name.
      return name === '/dev/zero' ? '/dev/zero (deleted)' : `/memfd:${name} (deleted)`;
    }
    if (status & VMA.ANON_SHARED) return '/dev/zero (deleted)';
    if ((status & (VMA.FILE_PRIVATE | VMA.FILE_SHARED)) === 0) return undefined;
    const file = this.regular(vma);
    if (file === undefined) return undefined;
    return this.remaps.has(file.id) ? `${file.name} (deleted)` : file.name;
  }

  /** A reader for the file of a mapping, or the reason why the file cannot be read. */
  reader(vma: VmaEntry): FileReader | string {
    const file = this.regular(vma);
    if (file === undefined) return 'the images have no such file';
    let reader = this.readers.get(file.id);
    if (reader === undefined) {
      reader = this.find(file);
      this.readers.set(file.id, reader);
    }
    return reader;
  }

  private find(file: RegFileEntry): FileReader | string {
    const remap = this.remaps.get(file.id);
    if (remap?.type === RemapType.GHOST) {
      const path = this.set.path(imageFileName('GHOST_FILE', remap.id));
      return this.set.has('GHOST_FILE', remap.id) ? ghostReader(path) : `${path} is missing`;
    }
    const linked = remap?.type === RemapType.LINKED ? this.set.files().get(remap.id)?.reg : undefined;
    const path = join(this.root, (linked ?? file).name);
    const fault = check(path, file);
    return fault === undefined ? diskReader(path) : fault;
  }

  private regular(vma: VmaEntry): RegFileEntry | undefined {
    return this.set.files().get(Number(vma.shmid))?.reg;
  }

  private memfdName(vma: VmaEntry): string {
    const inode = this.set.files().get(Number(vma.shmid))?.memfd?.inode_id;
    const inodes = this.set.has('MEMFD_INODE') ? this.set.entries('MEMFD_INODE') : [];
    return inodes.find(({ inode_id }) => inode_id === BigInt(inode ?? -1))?.name ?? '';
  }

  /** The key of a System V segment as eight hexadecimal digits, from the images of any IPC namespace. */
  private systemVKey(shmid: bigint): string {
    for (const name of this.set.names()) {
      const id = /^ipcns-shm-(\d+)\.img$/.exec(name)?.[1];
      if (id === undefined) continue;
      const segment = this.set.entries('IPCNS_SHM', id).find(({ desc }) => BigInt(desc.id) === shmid);
      if (segment !== undefined) return segment.desc.key.toString(16).padStart(8, '0');
    }
    return '00000000';
  }
}

/** The reason why the file at a path is not the mapped one; undefined if it is. */
function check(path: string, file: RegFileEntry): string | undefined {
  let fd: number;
  try {
    // Opening a FIFO or a device must not block.
    fd = openSync(pathArg(path), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return `${path} can not be opened: ${(error as NodeJS.ErrnoException).code ?? String(error)}`;
  }
  try {
    const found = fstatSync(fd, { bigint: true });
    if (!found.isFile()) return `${path} is no regular file`;
    if (file.size !== undefined && file.size !== found.size)
      return `${path} has changed: ${found.size} bytes, and it had ${file.size}`;
    return undefined;
  } finally {
    closeSync(fd);
  }
}

function diskReader(path: string): FileReader {
  return function* (from, to) {
    const fd = openSync(pathArg(path), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const buffer = Buffer.allocUnsafeSlow(BLOCK);
      for (let offset = from; offset < to; ) {
        const size = readSync(fd, buffer, 0, Math.min(BLOCK, to - offset), offset);
        if (size === 0) return;
        yield { offset, bytes: buffer.subarray(0, size) };
        offset += size;
      }
    } finally {
      closeSync(fd);
    }
  };
}

/** Reads the contents of a deleted file, which follow its entry in the image, whole or in chunks. */
function ghostReader(path: string): FileReader {
  return function* (from, to) {
    let pieces: FilePiece[] = [];
    let offset = 0;
    const decoder = new ImageDecoder(
      {
        entry(entry, type) {
          if (type === 'GhostChunkEntry') offset = Number((entry as GhostChunkEntry).off);
        },
        payload(bytes) {
          const first = Math.max(from, offset);
          const last = Math.min(to, offset + bytes.length);
          if (first < last)
            pieces.push({ offset: first, bytes: bytes.subarray(first - offset, last - offset) });
          offset += bytes.length;
        },
      },
      { kind: 'GHOST_FILE', file: path },
    );
    for (const chunk of fileChunks(path)) {
      decoder.push(chunk);
      yield* pieces;
      pieces = [];
    }
    decoder.end();
    yield* pieces;
  };
}
