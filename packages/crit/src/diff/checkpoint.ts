// Compares two checkpoints: processes with their descriptors, mappings and pages, then each image by field.
import { existsSync } from 'node:fs';
import { type ImageKind, ImageSet, parseFileName, pathArg } from '@criu/images';
import { type DescriptorRow, Explorer, type MappingRow } from '../explore.js';
import { AddressSpace } from '../memory/address-space.js';
import { diffFiles, diffImages, type ImageDiff } from './image.js';
import { MemoryCompare, type MemoryDiff } from './memory.js';

export interface ItemChange<T> {
  readonly before?: T;
  readonly after?: T;
}

export interface ProcessDiff {
  readonly pid: number;
  readonly comm: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly descriptors: readonly ItemChange<DescriptorRow>[];
  readonly mappings: readonly ItemChange<MappingRow>[];
  /** Undefined for a process that is in only one checkpoint, or has no memory. */
  readonly memory?: MemoryDiff;
}

export interface SharedMemoryDiff extends Partial<MemoryDiff> {
  readonly id: string;
  readonly change: 'added' | 'removed' | 'changed';
}

export interface NamedImageDiff extends Partial<ImageDiff> {
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
}

export interface CheckpointDiff {
  /** Processes with differences. */
  readonly processes: readonly ProcessDiff[];
  readonly sharedMemory: readonly SharedMemoryDiff[];
  /** Images that differ, except for page contents, which `processes` and `sharedMemory` cover, and statistics. */
  readonly images: readonly NamedImageDiff[];
  /** There is no difference. */
  readonly same: boolean;
}

export interface DiffOptions {
  /** Whether to return the ranges of changed pages. */
  readonly pages?: boolean | undefined;
}

/**
 * Compares two directories of images. Pages are read in pieces, so memory use does not depend on the size of the
 * processes.
 * @throws ImageError for an unreadable image
 */
export function diffCheckpoints(before: string, after: string, options: DiffOptions = {}): CheckpointDiff {
  const [one, other] = [new ImageSet(before), new ImageSet(after)];
  const compare = new MemoryCompare(options.pages);
  const processes = diffProcesses(new Explorer(one), new Explorer(other), compare);
  const sharedMemory = diffShared(one, other, compare);
  const images = diffFilesOf(one, other);
  const same = processes.length === 0 && sharedMemory.length === 0 && images.length === 0;
  return { processes, sharedMemory, images, same };
}

function diffProcesses(before: Explorer, after: Explorer, compare: MemoryCompare): ProcessDiff[] {
  const result: ProcessDiff[] = [];
  const pidsOf = (explorer: Explorer) => explorer.set.tasks().map((task) => task.pid);
  const [left, right] = [pidsOf(before), pidsOf(after)];
  const comm = (explorer: Explorer, pid: number) => explorer.set.core(pid).tc?.comm ?? '';
  const nothing = { descriptors: [], mappings: [] };
  for (const pid of left) {
    if (!right.includes(pid)) {
      result.push({ pid, comm: comm(before, pid), change: 'removed', ...nothing });
      continue;
    }
    const descriptors = pair(
      before.descriptors(pid),
      after.descriptors(pid),
      (row) => String(row.fd),
      (a, b) => a.file === b.file,
    );
    const mappings = pair(
      before.mappings(pid)?.rows ?? [],
      after.mappings(pid)?.rows ?? [],
      (row) => String(row.start),
      (a, b) => a.end === b.end && a.prot === b.prot && a.what === b.what && a.regular === b.regular,
    );
    const memory = diffMemory(before, after, pid, compare);
    const pages = memory === undefined ? 0 : memory.changed + memory.added + memory.removed;
    if (descriptors.length + mappings.length + pages === 0) continue;
    const of = { pid, comm: comm(after, pid), change: 'changed', descriptors, mappings } as const;
    result.push(memory === undefined ? of : { ...of, memory });
  }
  for (const pid of right) {
    if (!left.includes(pid)) result.push({ pid, comm: comm(after, pid), change: 'added', ...nothing });
  }
  return result;
}

function diffMemory(
  before: Explorer,
  after: Explorer,
  pid: number,
  compare: MemoryCompare,
): MemoryDiff | undefined {
  if (!before.set.has('MM', pid) || !after.set.has('MM', pid)) return undefined;
  using one = new AddressSpace(before, pid);
  using other = new AddressSpace(after, pid);
  return compare.spaces(one, other);
}

function pair<T>(
  before: readonly T[],
  after: readonly T[],
  key: (row: T) => string,
  same: (a: T, b: T) => boolean,
): ItemChange<T>[] {
  const changes: ItemChange<T>[] = [];
  const left = new Map(before.map((row) => [key(row), row]));
  const right = new Map(after.map((row) => [key(row), row]));
  for (const [id, row] of left) {
    const other = right.get(id);
    if (other === undefined) changes.push({ before: row });
    else if (!same(row, other)) changes.push({ before: row, after: other });
  }
  for (const [id, row] of right) if (!left.has(id)) changes.push({ after: row });
  return changes;
}

function diffShared(before: ImageSet, after: ImageSet, compare: MemoryCompare): SharedMemoryDiff[] {
  const result: SharedMemoryDiff[] = [];
  const ids = (set: ImageSet) =>
    set.names().flatMap((name) => /^pagemap-shmem-(\d+)\.img$/.exec(name)?.[1] ?? []);
  const [left, right] = [ids(before), ids(after)];
  for (const id of left) {
    using one = before.sharedMemory(BigInt(id));
    using other = after.sharedMemory(BigInt(id));
    if (one === undefined || other === undefined) {
      result.push({ id, change: 'removed' });
      continue;
    }
    const diff = compare.shared(one, other);
    if (diff.changed + diff.added + diff.removed > 0) result.push({ id, change: 'changed', ...diff });
  }
  for (const id of right) if (!left.includes(id)) result.push({ id, change: 'added' });
  return result;
}

/** Pages are compared by address. Statistics are not part of the dumped state. */
const LEFT_OUT: ReadonlySet<ImageKind> = new Set(['PAGEMAP', 'STATS', 'IRMAP_CACHE']);

function diffFilesOf(before: ImageSet, after: ImageSet): NamedImageDiff[] {
  const result: NamedImageDiff[] = [];
  const names = new Set([...before.names(), ...after.names()]);
  for (const name of [...names].sort()) {
    const parsed = parseFileName(name);
    if (parsed.is === 'other' || (parsed.is === 'image' && LEFT_OUT.has(parsed.kind))) continue;
    if (name.startsWith('pages-')) continue;
    const [one, other] = [before.path(name), after.path(name)];
    if (!existsSync(pathArg(other))) result.push({ name, change: 'removed' });
    else if (!existsSync(pathArg(one))) result.push({ name, change: 'added' });
    else if (parsed.is === 'raw') {
      const raw = diffFiles(one, other);
      if (raw !== undefined) result.push({ name, change: 'changed', changes: [], raw });
    } else {
      const diff = diffImages(one, other);
      if (diff.changes.length > 0 || diff.raw !== undefined)
        result.push({ name, change: 'changed', ...diff });
    }
  }
  return result;
}
