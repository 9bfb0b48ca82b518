// The PT_LOAD segments of a core file: the parts of the address space whose bytes it contains.
import { PAGE_SIZE, VMA } from '@criu/images';
import type { AddressSpace, Mapping } from '../memory/address-space.js';
import { earlier, later } from '../memory/bounds.js';
import type { FileReader, MappedFiles } from './files.js';

/**
 * Memory that was never used becomes a hole in the core file, which reads as zeros. A longer stretch is not part of the
 * file, since a file cannot be as large as an address space.
 */
const LARGEST_HOLE = 1n << 30n;
const PROT_READ = 1;
const PROT_EXEC = 4;
/** The bit of `vma_entry.madv` for madvise(MADV_DONTDUMP). */
const DONTDUMP = 1n << 16n;

export interface Load {
  readonly start: bigint;
  readonly end: bigint;
  readonly mapping: Mapping;
  /** Bytes from the start that are in the core file; a debugger cannot read the rest. */
  readonly size: bigint;
  /** The mapped file, for pages that are not in the images. */
  readonly file?: FileReader;
}

export interface LoadPlan {
  readonly loads: readonly Load[];
  /** Messages about memory that the core file lacks. */
  readonly warnings: readonly string[];
}

export function planLoads(space: AddressSpace, files: MappedFiles): LoadPlan {
  const loads: Load[] = [];
  const warnings = new Set<string>();
  let lazy = 0n;
  for (const mapping of space.mappings) {
    const { start, end, vma } = mapping;
    // Guard regions (madvise(MADV_GUARD_INSTALL)) are inside of other mappings.
    if (start >= end || vma.status & VMA.GUARD) continue;
    const add = (from: bigint, to: bigint, size: bigint, file?: FileReader): void => {
      if (from < to) loads.push({ start: from, end: to, mapping, size, ...(file ? { file } : {}) });
    };
    const stored = () => space.segments({ from: start, to: end });
    const any = stored().next().done !== true;
    if ((vma.madv ?? 0n) & DONTDUMP) {
      add(start, end, 0n);
      continue;
    }
    let file: FileReader | undefined;
    /** Pages that are not in the images are zeros or those of the file. */
    let known = (vma.status & (VMA.VVAR | VMA.VSYSCALL | VMA.SOCKET | VMA.AIORING)) === 0;
    if (!space.knows(mapping)) {
      known = false;
      if (!any) warnings.add(`${where(mapping)}: its memory is not in the images`);
    } else if (isFile(mapping)) {
      const reader = files.reader(vma);
      if (typeof reader === 'string') {
        known = false;
        warnings.add(`${where(mapping)}: ${reader}`);
      } else file = reader;
    }
    if (!any) {
      const readable = known && vma.prot !== 0;
      // Of program text only the first page, by which a debugger identifies the file.
      const text = file !== undefined && (vma.prot & PROT_READ) !== 0 && (vma.prot & PROT_EXEC) !== 0;
      const size = !readable ? 0n : text ? earlier(BigInt(PAGE_SIZE), end - start) : end - start;
      if (file !== undefined || size < LARGEST_HOLE) add(start, end, size, file);
      else add(start, end, 0n);
      continue;
    }
    // Start and end of the current load, and whether the core file has its bytes.
    let from = start;
    let at = start;
    let has = true;
    const go = (to: bigint, now: boolean): void => {
      if (now !== has) {
        add(from, at, has ? at - from : 0n, file);
        from = at;
        has = now;
      }
      at = to;
    };
    const gap = (to: bigint): void => {
      if (to > at) go(to, known && (file !== undefined || to - at < LARGEST_HOLE));
    };
    for (const segment of stored()) {
      gap(segment.start);
      if (segment.source === undefined) lazy += segment.end - segment.start;
      go(later(segment.end, at), segment.source !== undefined);
    }
    gap(end);
    add(from, at, has ? at - from : 0n, file);
  }
  if (lazy > 0n)
    warnings.add(`${lazy} bytes were left to be fetched later: they can not be read in the core file`);
  return { loads, warnings: [...warnings] };
}

function isFile({ vma: { status } }: Mapping): boolean {
  return (status & (VMA.FILE_PRIVATE | VMA.FILE_SHARED)) !== 0 && (status & VMA.MEMFD) === 0;
}

function where({ start, end }: Mapping): string {
  return `mapping ${start.toString(16)}-${end.toString(16)}`;
}
