// The address space of one process in a checkpoint: mappings with names and kinds, and the locations of their bytes.
import {
  ImageError,
  type ImageSet,
  imageFileName,
  type MemfdInodeEntry,
  type MmEntry,
  type PageMemory,
  type Segment,
  VMA,
  type VmaEntry,
} from '@criu/images';
import { Explorer, type MappingRow } from '../explore.js';
import { EVERYWHERE, earlier, later } from './bounds.js';

/** Purposes of a mapping, in the order in which charts stack them. */
export const memoryKinds = ['anonymous', 'heap', 'stack', 'shared', 'file', 'shared file', 'kernel'] as const;
export type MemoryKind = (typeof memoryKinds)[number];

export interface Mapping extends MappingRow {
  readonly kind: MemoryKind;
  readonly vma: VmaEntry;
}

const KERNEL = VMA.VSYSCALL | VMA.VDSO | VMA.VVAR | VMA.AIORING | VMA.SOCKET;
const MAP_GROWSDOWN = 0x100;

function kindOf(vma: VmaEntry, brk: { start: bigint; end: bigint }): MemoryKind {
  const { status } = vma;
  if (status & KERNEL) return 'kernel';
  if (status & (VMA.ANON_SHARED | VMA.SYSVIPC)) return 'shared';
  if (status & VMA.FILE_SHARED) return status & VMA.MEMFD ? 'shared' : 'shared file';
  if (status & VMA.FILE_PRIVATE) return 'file';
  if (status & VMA.STACK || vma.flags & MAP_GROWSDOWN) return 'stack';
  if (status & VMA.HEAP || (vma.start < brk.end && vma.end > brk.start)) return 'heap';
  return 'anonymous';
}

/** A segment with its mapping. */
export interface MappedSegment extends Segment {
  readonly mapping: Mapping;
}

/** A segment whose bytes are in an image. */
export type StoredSegment<T extends Segment = Segment> = T & {
  readonly source: NonNullable<Segment['source']>;
};

export function isStored<T extends Segment>(segment: T): segment is StoredSegment<T> {
  return segment.source !== undefined;
}

export class AddressSpace {
  readonly set: ImageSet;
  readonly mm: MmEntry;
  /** In ascending order of address. */
  readonly mappings: readonly Mapping[];
  /** The pages of this process alone; undefined if its pagemap is missing. */
  readonly memory: PageMemory | undefined;
  private readonly shared = new Map<bigint, PageMemory | undefined>();

  /** @throws ImageError if there is no such process, it has no memory (a zombie), or its images are invalid */
  constructor(
    explorer: Explorer | ImageSet,
    readonly pid: number,
  ) {
    const look = explorer instanceof Explorer ? explorer : new Explorer(explorer);
    this.set = look.set;
    const mm = this.set.mm(pid);
    if (mm === undefined) {
      const known = this.set.tasks().some((task) => task.pid === pid);
      const reason = known ? `process ${pid} has no memory` : `there is no process ${pid}`;
      throw new ImageError('unresolved', reason, this.set.path(imageFileName('MM', pid)));
    }
    this.mm = mm;
    const brk = { start: mm.mm_start_brk, end: mm.mm_brk };
    this.mappings = mm.vmas
      .map((vma): Mapping => {
        const row = look.mapping(vma);
        const kind = kindOf(vma, brk);
        return { ...row, what: this.name(row.what, kind, vma), kind, vma };
      })
      .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
    this.memory = this.set.memory(pid);
  }

  /** The mapping with an address. */
  mappingAt(address: bigint): Mapping | undefined {
    let low = 0;
    let high = this.mappings.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.mappings[middle]?.end ?? EVERYWHERE) <= address) low = middle + 1;
      else high = middle;
    }
    const found = this.mappings[low];
    return found !== undefined && found.start <= address ? found : undefined;
  }

  /** Whether the images have the memory of a mapping, except for pages of its file. */
  knows({ vma }: Mapping): boolean {
    const id = this.sharedId(vma);
    return id === undefined ? this.memory !== undefined : this.sharedMemory(id) !== undefined;
  }

  /** The pages in the pagemaps of the chain, by ascending address. No segment spans two mappings. */
  *segments(
    options: {
      readonly from?: bigint | undefined;
      readonly to?: bigint | undefined;
      /** False to leave out memory that other processes may map as well. */
      readonly shared?: boolean | undefined;
    } = {},
  ): Generator<MappedSegment, void, undefined> {
    const { from = 0n, to = EVERYWHERE, shared = true } = options;
    for (const mapping of this.mappings) {
      const start = later(mapping.start, from);
      const end = earlier(mapping.end, to);
      if (start >= end) continue;
      const id = this.sharedId(mapping.vma);
      if (id === undefined) {
        if (this.memory === undefined) continue;
        for (const segment of this.memory.segments(start, end)) yield { ...segment, mapping };
      } else if (shared) {
        const memory = this.sharedMemory(id);
        if (memory === undefined) continue;
        // The pagemap of shared memory counts from the start of the segment.
        const shift = mapping.start - mapping.vma.pgoff;
        for (const { start: first, end: last, source, offset } of memory.segments(
          start - shift,
          end - shift,
        )) {
          yield { start: first + shift, end: last + shift, source, offset, mapping };
        }
      }
    }
  }

  /** Closes the pages images that reading has opened. */
  close(): void {
    this.memory?.close();
    for (const memory of this.shared.values()) memory?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The name in crit, or a more specific one for mappings that have none there. */
  private name(what: string, kind: MemoryKind, vma: VmaEntry): string {
    if (kind === 'heap' && what === '') return '[heap]';
    if (kind === 'stack') return '[stack]';
    if (vma.status & VMA.VVAR) return '[vvar]';
    const memfd = this.memfd(vma);
    // The dump stores shared memory without a name as a memfd of this name.
    return memfd === undefined ? what : memfd.name === '/dev/zero' ? 'shared memory' : `memfd:${memfd.name}`;
  }

  /** The shared memory segment of a mapping; undefined for private memory and for files. */
  private sharedId(vma: VmaEntry): bigint | undefined {
    if (vma.status & VMA.ANON_SHARED) return vma.shmid;
    if ((vma.status & VMA.FILE_SHARED) === 0) return undefined;
    const memfd = this.memfd(vma);
    return memfd === undefined ? undefined : BigInt(memfd.shmid);
  }

  private memfd(vma: VmaEntry): MemfdInodeEntry | undefined {
    if ((vma.status & VMA.MEMFD) === 0) return undefined;
    const inode = this.set.files().get(Number(vma.shmid))?.memfd?.inode_id;
    if (inode === undefined || !this.set.has('MEMFD_INODE')) return undefined;
    return this.set.entries('MEMFD_INODE').find((entry) => entry.inode_id === BigInt(inode));
  }

  private sharedMemory(id: bigint): PageMemory | undefined {
    if (!this.shared.has(id)) this.shared.set(id, this.set.sharedMemory(id));
    return this.shared.get(id);
  }
}
