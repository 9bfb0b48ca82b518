/** The mappings of a task with their flags: the part of `/proc/PID/smaps` that a dump needs. */

import { abi, addon, decodeLatin1, type MappingRows, SysError } from '@criu/native';
import { formatError } from './errors.js';
import { PROC_ROOT, procError } from './io.js';
import type { MapsEntry } from './maps.js';
import { looksDeleted, unescapeNewline } from './names.js';

/**
 * What smaps tells of a mapping without its accounting, with the `VmFlags`. Mappings without a file that differ in
 * their addresses only share a description, in which `start` and `end` are those of the first of them.
 */
export interface FlaggedMapping extends MapsEntry {
  /**
   * The two-letter codes of `VmFlags` in the kernel's order, as `['rd', 'wr', 'mr', …]`
   * (Documentation/filesystems/proc.rst). Mappings with the same flags share one array.
   */
  readonly vmFlags: readonly string[];
  /** Memory protection key; undefined if the CPU does not support them. */
  readonly protectionKey: number | undefined;
}

interface Path {
  readonly text: string;
  readonly deleted: boolean;
}

/** Some of the mappings of a task. */
export interface MappingBatch {
  /** Start and end address of each mapping. */
  readonly places: Float64Array;
  /** For each mapping the number of its description: they are numbered through all batches of a task. */
  readonly descriptions: Uint32Array;
  /** The descriptions that are in no earlier batch. */
  readonly fresh: readonly FlaggedMapping[];
  /** Bytes in private mappings that have been written and that other processes have, too (copy-on-write). */
  readonly shared: number;
}

/** Some descriptions of mappings, and the texts of all so far. */
interface Table {
  readonly rows: MappingRows;
  readonly paths: Path[];
  readonly flags: (readonly string[])[];
}

const NO_FLAGS: readonly string[] = [];

/**
 * A row of the table; fields are read on access, since there may be many and most fields of most mappings are not
 * needed.
 */
class Mapping implements FlaggedMapping {
  constructor(
    private readonly table: Table,
    private readonly index: number,
  ) {}

  private small(place: number): number {
    return this.table.rows.small[this.index * abi.MAPPING_SMALL + place] ?? 0;
  }

  private large(place: number): bigint {
    return this.table.rows.large[this.index * abi.MAPPING_LARGE + place] ?? 0n;
  }

  get start(): number {
    return Number(this.large(abi.MAPPING_START));
  }
  get end(): number {
    return Number(this.large(abi.MAPPING_END));
  }
  get prot(): number {
    return this.small(abi.MAPPING_PROT);
  }
  get shared(): boolean {
    return this.small(abi.MAPPING_SHARED) === 1;
  }
  get pgoff(): number {
    return Number(this.large(abi.MAPPING_OFFSET));
  }
  get major(): number {
    return this.small(abi.MAPPING_MAJOR);
  }
  get minor(): number {
    return this.small(abi.MAPPING_MINOR);
  }
  get ino(): bigint {
    return this.large(abi.MAPPING_INO);
  }
  get path(): string {
    return this.table.paths[this.small(abi.MAPPING_PATH)]?.text ?? '';
  }
  get deleted(): boolean {
    return this.table.paths[this.small(abi.MAPPING_PATH)]?.deleted ?? false;
  }
  get vmFlags(): readonly string[] {
    return this.table.flags[this.small(abi.MAPPING_FLAGS)] ?? NO_FLAGS;
  }
  get protectionKey(): number | undefined {
    const key = this.small(abi.MAPPING_KEY);
    return key < 0 ? undefined : key;
  }
}

function pathOf(raw: string): Path {
  const text = decodeLatin1(unescapeNewline(raw));
  return { text, deleted: looksDeleted(text) };
}

function flagsOf(raw: string): readonly string[] {
  return Object.freeze(raw.split(' ').filter((code) => code !== ''));
}

/**
 * Reads the mappings of a task with their flags, by ascending address. The next ones are read by a thread while the
 * caller uses these.
 * @throws ProcError
 */
export function* readMappings(pid: number, root: string = PROC_ROOT): Generator<MappingBatch, void> {
  const file = `${root}/${pid}/smaps`;
  const begun = addon().beginMappings(file);
  if (typeof begun === 'number') throw procError(new SysError('open', -begun, file), file, pid, root);
  const paths: Path[] = [];
  const flags: (readonly string[])[] = [];
  try {
    for (let rows = addon().nextMappings(begun); rows !== undefined; rows = addon().nextMappings(begun)) {
      if (typeof rows === 'number') throw procError(new SysError('read', -rows, file), file, pid, root);
      if ('fault' in rows) throw formatError(file, rows.line, rows.fault);
      for (const path of rows.paths) paths.push(pathOf(path));
      for (const codes of rows.flags) flags.push(flagsOf(codes));
      const table: Table = { rows, paths, flags };
      const count = rows.small.length / abi.MAPPING_SMALL;
      const fresh: FlaggedMapping[] = [];
      for (let index = 0; index < count; index++) fresh.push(new Mapping(table, index));
      yield { places: rows.places, descriptions: rows.descriptions, fresh, shared: rows.shared };
    }
  } finally {
    // The caller may want no more of them.
    addon().endMappings(begun);
  }
}
