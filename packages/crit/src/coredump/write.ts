// Writes the core file of one process of a checkpoint. Memory is copied in pieces.
import { Buffer } from 'node:buffer';
import { closeSync, constants, fstatSync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { ImageSet, PAGE_SIZE, pathArg } from '@criu/images';
import { AddressSpace } from '../memory/address-space.js';
import { encodeHeaders, encodeNotes, headersSize, type ProgramHeader, PT_LOAD, PT_NOTE } from './elf.js';
import { CoreDumpError } from './errors.js';
import { MappedFiles } from './files.js';
import { type Load, planLoads } from './loads.js';
import { type MappedFile, processNotes } from './notes.js';

/** Bytes copied at a time. */
const BLOCK = 1 << 20;
const DEAD = 2;
/** Bytes of the command line that a core file has room for. */
const ARGUMENTS = 128;

export interface WriteCoreOptions {
  /** Directory that the processes see as `/`, in which to find mapped files. Default `/`. */
  readonly root?: string | undefined;
}

export interface WrittenCore {
  readonly pid: number;
  readonly path: string;
  /** Length of the file in bytes. It uses less disk space, since unused memory is a hole. */
  readonly size: number;
  readonly threads: number;
  /** Messages about memory that the core file lacks: missing mapped files, pages to be fetched later. */
  readonly warnings: readonly string[];
}

/** Pids of the processes with memory: all but zombies. */
export function dumpableProcesses(set: ImageSet): number[] {
  return set
    .tasks()
    .filter(({ pid }) => set.core(pid).tc?.task_state !== DEAD)
    .map(({ pid }) => pid);
}

/**
 * Writes an ELF core file (core(5)) for debuggers. The file is new and has mode 0600. It is removed if it cannot be
 * completed.
 * @param images the directory of the checkpoint
 * @param pid pid of a process in the images
 * @throws CoreDumpError if there is no such process, it has no memory, or it is of another architecture
 * @throws ImageError if images are missing or invalid
 */
export function writeCore(
  images: ImageSet | string,
  pid: number,
  path: string,
  options: WriteCoreOptions = {},
): WrittenCore {
  const set = typeof images === 'string' ? new ImageSet(images) : images;
  const task = set.tasks().find((one) => one.pid === pid);
  if (task === undefined) throw new CoreDumpError(pid, 'it is not in the checkpoint');
  const leader = set.core(pid);
  const mm = set.mm(pid);
  if (leader.tc?.task_state === DEAD || mm === undefined)
    throw new CoreDumpError(pid, 'it has no memory, as it was a zombie');

  using space = new AddressSpace(set, pid);
  const files = new MappedFiles(set, options.root ?? '/');
  const { loads, warnings } = planLoads(space, files);
  const others = task.threads.filter((tid) => tid !== pid);
  const notes = encodeNotes(
    processNotes({
      task,
      mm,
      threads: [{ tid: pid, core: leader }, ...others.map((tid) => ({ tid, core: set.core(tid) }))],
      commandLine: commandLine(space, mm.mm_arg_start, mm.mm_arg_end),
      files: mappedFiles(space, files),
    }),
  );

  const headers: ProgramHeader[] = [];
  const notesAt = headersSize(loads.length + 1);
  headers.push({
    type: PT_NOTE,
    flags: 0,
    offset: notesAt,
    address: 0n,
    fileSize: notes.length,
    memorySize: 0n,
    align: 4,
  });
  let end = Math.ceil((notesAt + notes.length) / PAGE_SIZE) * PAGE_SIZE;
  for (const load of loads) {
    const { prot } = load.mapping.vma;
    const flags = (prot & 1 ? 4 : 0) | (prot & 2) | (prot & 4 ? 1 : 0);
    const fileSize = Number(load.size);
    headers.push({
      type: PT_LOAD,
      flags,
      offset: end,
      address: load.start,
      fileSize,
      memorySize: load.end - load.start,
      align: PAGE_SIZE,
    });
    end += fileSize;
  }

  const output = new CoreFile(pid, path);
  try {
    output.write(encodeHeaders(headers), 0);
    output.write(notes, notesAt);
    loads.forEach((load, index) => {
      writeLoad(output, space, load, headers[index + 1]?.offset ?? 0);
    });
    output.finish(end);
  } catch (error) {
    output.remove();
    throw error;
  }
  return { pid, path, size: end, threads: task.threads.length, warnings };
}

function writeLoad(output: CoreFile, space: AddressSpace, load: Load, at: number): void {
  if (load.size === 0n) return;
  const { mapping, start, size, file } = load;
  if (file !== undefined) {
    const from = Number(mapping.vma.pgoff + (start - mapping.start));
    for (const { offset, bytes } of file(from, from + Number(size)))
      output.write(bytes, at + (offset - from));
  }
  const buffer = Buffer.allocUnsafeSlow(BLOCK);
  for (const segment of space.segments({ from: start, to: start + size })) {
    if (segment.source === undefined) continue;
    const length = Number(segment.end - segment.start);
    for (let done = 0; done < length; done += BLOCK) {
      const bytes = buffer.subarray(0, Math.min(BLOCK, length - done));
      segment.source.readAt(bytes, segment.offset + done);
      const place = at + Number(segment.start - start) + done;
      // Pages of zeros are not written, unless they replace bytes of the mapped file.
      if (file !== undefined) output.write(bytes, place);
      else output.writeSparse(bytes, place);
    }
  }
}

function commandLine(space: AddressSpace, start: bigint, end: bigint): Buffer {
  const length = Math.min(Number(end - start), ARGUMENTS);
  return length > 0 && space.memory !== undefined ? space.memory.read(start, length) : Buffer.alloc(0);
}

function mappedFiles(space: AddressSpace, files: MappedFiles): MappedFile[] {
  return space.mappings.flatMap(({ start, end, vma }) => {
    const name = files.name(vma);
    return name === undefined ? [] : [{ start, end, offset: vma.pgoff, name }];
  });
}

const ZEROS = Buffer.alloc(BLOCK);

function isZero(bytes: Buffer, from: number, to: number): boolean {
  return bytes.compare(ZEROS, 0, to - from, from, to) === 0;
}

/** A core file that is being written, at arbitrary offsets. */
class CoreFile {
  private readonly fd: number;

  constructor(
    private readonly pid: number,
    private readonly path: string,
  ) {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NONBLOCK;
    this.fd = this.attempt(() => openSync(pathArg(path), flags, 0o600));
    if (!fstatSync(this.fd).isFile()) {
      closeSync(this.fd);
      throw new CoreDumpError(pid, `${path} is no regular file: a core file has holes`);
    }
  }

  write(bytes: Uint8Array, at: number): void {
    for (let done = 0; done < bytes.length; ) {
      const from = done;
      done += this.attempt(() => writeSync(this.fd, bytes, from, bytes.length - from, at + from));
    }
  }

  /** Writes bytes without pages of zeros. */
  writeSparse(bytes: Buffer, at: number): void {
    if (bytes.length <= BLOCK && isZero(bytes, 0, bytes.length)) return;
    let from = -1;
    for (let page = 0; page < bytes.length; page += PAGE_SIZE) {
      const end = Math.min(page + PAGE_SIZE, bytes.length);
      const zero = isZero(bytes, page, end);
      if (!zero && from < 0) from = page;
      else if (zero && from >= 0) {
        this.write(bytes.subarray(from, page), at + from);
        from = -1;
      }
    }
    if (from >= 0) this.write(bytes.subarray(from), at + from);
  }

  finish(size: number): void {
    this.attempt(() => ftruncateSync(this.fd, size));
    this.attempt(() => closeSync(this.fd));
  }

  remove(): void {
    closeSync(this.fd);
    unlinkSync(pathArg(this.path));
  }

  private attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new CoreDumpError(this.pid, `can not write ${this.path}: ${code ?? String(error)}`, {
        cause: error,
      });
    }
  }
}
