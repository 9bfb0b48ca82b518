// The pages of an address space or object in pages images. They are stored in columns, as there can be a run for each
// page; objects are only created for the runs that a caller asks for.
import type { Range } from '../ranges.js';

/** Pages that are consecutive both in memory and in a file. */
export interface StoredRange extends Range {
  /** Absolute path of the pages image. */
  readonly file: string;
  /** Offset in bytes of the first page in that file. */
  readonly offset: number;
}

/** Ranges in columns. */
interface Columns {
  readonly starts: ArrayLike<number>;
  readonly ends: ArrayLike<number>;
}

/** The part of a stored range between two addresses. */
export function cutStored(range: StoredRange, start: bigint, end: bigint): StoredRange {
  return { ...range, start, end, offset: range.offset + Number(start - range.start) };
}

/** A column with a part of another one behind it: copied as a whole if it is the first part, as it mostly is. */
function joined(column: number[], other: readonly number[], first: number, last: number): number[] {
  if (column.length === 0) return other.slice(first, last);
  for (let i = first; i < last; i++) column.push(other[i] ?? 0);
  return column;
}

/**
 * Stored ranges, sorted by address and without overlap. Page addresses are represented exactly by a double. Loops over
 * all runs take most of the time of a plan, so there are few of them, and parts are copied as a whole.
 */
export class StoredRuns implements Iterable<StoredRange> {
  starts: number[] = [];
  ends: number[] = [];
  offsets: number[] = [];
  /** For each run the index of its pages image in `paths`. */
  fileOf: number[] = [];
  private readonly paths: string[] = [];
  /** No run has more bytes than this. */
  private longest = 0;
  private sum: number | undefined;
  private all: readonly StoredRange[] | undefined;

  static of(ranges: Iterable<StoredRange>): StoredRuns {
    const out = new StoredRuns();
    for (const { start, end, file, offset } of ranges) out.add(Number(start), Number(end), file, offset);
    return out;
  }

  /** Adds a range behind all others. It is joined with the last one if they are adjacent in memory and in the file. */
  add(start: number, end: number, file: string, offset: number): void {
    const { starts, ends, offsets, fileOf, paths } = this;
    const last = ends.length - 1;
    const before = fileOf[last] ?? -1;
    const same = paths[before] === file;
    if (same && ends[last] === start && (offsets[last] ?? 0) + this.size(last) === offset) {
      ends[last] = end;
      this.longest = Math.max(this.longest, this.size(last));
      return;
    }
    if (end - start > this.longest) this.longest = end - start;
    starts.push(start);
    ends.push(end);
    offsets.push(offset);
    fileOf.push(same ? before : this.indexOf(file));
  }

  private indexOf(file: string): number {
    const known = this.paths.indexOf(file);
    return known < 0 ? this.paths.push(file) - 1 : known;
  }

  get length(): number {
    return this.starts.length;
  }

  /** Length in bytes of a run. */
  size(i: number): number {
    return (this.ends[i] ?? 0) - (this.starts[i] ?? 0);
  }

  /** Total length in bytes. */
  get bytes(): number {
    this.sum ??= this.ends.reduce((sum, end, i) => sum + end - (this.starts[i] ?? 0), 0);
    return this.sum;
  }

  /** The pages images with the pages. */
  get files(): readonly string[] {
    const { paths, fileOf } = this;
    return paths.length === 1 && fileOf.length > 0 ? paths : paths.filter((_, i) => fileOf.includes(i));
  }

  /** The pages image with a run. */
  file(i: number): string {
    return this.paths[this.fileOf[i] ?? -1] ?? '';
  }

  /** A run as an object. */
  at(i: number): StoredRange {
    const { starts, ends, offsets } = this;
    return {
      start: BigInt(starts[i] ?? 0),
      end: BigInt(ends[i] ?? 0),
      file: this.file(i),
      offset: offsets[i] ?? 0,
    };
  }

  /** All runs as objects. */
  get list(): readonly StoredRange[] {
    this.all ??= this.starts.map((_, i) => this.at(i));
    return this.all;
  }

  [Symbol.iterator](): Iterator<StoredRange> {
    return this.list[Symbol.iterator]();
  }

  /** Index of the first run that ends behind an address. */
  indexFrom(address: number): number {
    let low = 0;
    for (let high = this.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if ((this.ends[middle] ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether any page of a range is stored. */
  touches({ start, end }: Range): boolean {
    return (this.starts[this.indexFrom(Number(start))] ?? Infinity) < Number(end);
  }

  /**
   * For each range of a list whether any page of it is stored: 1, else 0.
   * @param some numbers of the ranges that count, which ascend; those that do not continue the order have no pages
   */
  touched({ starts, ends }: Columns, some: readonly number[]): Uint8Array {
    const out = new Uint8Array(starts.length);
    const count = this.length;
    for (let i = 0, k = 0; i < count && k < some.length; k++) {
      const at = some[k] ?? 0;
      const start = starts[at] ?? 0;
      while (i < count && (this.ends[i] ?? 0) <= start) i++;
      if ((this.starts[i] ?? Infinity) < (ends[at] ?? 0)) out[at] = 1;
    }
    return out;
  }

  /** The parts that lie in a range. */
  within({ start, end }: Range): StoredRuns {
    return this.between([Number(start), Number(end)]);
  }

  /** The parts that lie in none of the given ranges, which are sorted and without overlap. */
  without(holes: readonly Range[]): StoredRuns {
    const touched = holes.filter((hole) => this.touches(hole));
    if (touched.length === 0) return this;
    return this.between([0, ...touched.flatMap(({ start, end }) => [Number(start), Number(end)]), Infinity]);
  }

  /** The parts that lie between the addresses of each pair. */
  private between(borders: readonly number[]): StoredRuns {
    const out = new StoredRuns();
    out.paths.push(...this.paths);
    for (let b = 0; b + 1 < borders.length; b += 2) {
      const from = borders[b] ?? 0;
      const to = borders[b + 1] ?? 0;
      let first = this.indexFrom(from);
      const last = this.indexFrom(to);
      if ((this.starts[first] ?? Infinity) < Math.min(from, to)) this.addPart(out, first++, from, to);
      if (first < last) this.addWhole(out, first, last);
      if (first <= last && (this.starts[last] ?? Infinity) < to) this.addPart(out, last, from, to);
    }
    return out;
  }

  private addPart(out: StoredRuns, i: number, from: number, to: number): void {
    const start = Math.max(this.starts[i] ?? 0, from);
    const offset = (this.offsets[i] ?? 0) + start - (this.starts[i] ?? 0);
    out.add(start, Math.min(this.ends[i] ?? 0, to), this.file(i), offset);
  }

  private addWhole(out: StoredRuns, first: number, last: number): void {
    out.longest = Math.max(out.longest, this.longest);
    out.starts = joined(out.starts, this.starts, first, last);
    out.ends = joined(out.ends, this.ends, first, last);
    out.offsets = joined(out.offsets, this.offsets, first, last);
    out.fileOf = joined(out.fileOf, this.fileOf, first, last);
  }

  /** The runs of at least that many bytes whose indexes satisfy `wanted`; and all others. */
  divide(atLeast: number, wanted: (i: number) => boolean): readonly [wanted: StoredRuns, others: StoredRuns] {
    const some = new StoredRuns();
    if (this.longest < atLeast) return [some, this];
    const others = new StoredRuns();
    for (let i = 0; i < this.length; i++)
      this.addPart(this.size(i) >= atLeast && wanted(i) ? some : others, i, 0, Infinity);
    return [some, others];
  }

  /**
   * The first address of a page that is in none of the given ranges, which are sorted; undefined if there is none.
   * @param some numbers of the ranges that count
   */
  firstOutside({ starts, ends }: Columns, some: readonly number[]): number | undefined {
    let i = 0;
    for (let k = 0; k < some.length && i < this.length; ) {
      const from = starts[some[k] ?? 0] ?? 0;
      let to = ends[some[k++] ?? 0] ?? 0;
      for (; k < some.length && starts[some[k] ?? 0] === to; k++) to = ends[some[k] ?? 0] ?? 0;
      const start = this.starts[i];
      if (start === undefined || start < from) return start;
      i = this.indexFrom(to);
      if ((this.starts[i] ?? Infinity) < to) return to;
    }
    return this.starts[i];
  }

  /** Ranges of at least that many bytes that are stored as a whole, in whatever files. */
  extents(atLeast: number): Range[] {
    const { starts, ends } = this;
    const out: Range[] = [];
    for (let i = 0; i < starts.length; ) {
      const start = starts[i] ?? 0;
      let end = ends[i++] ?? 0;
      for (; starts[i] === end; i++) end = ends[i] ?? 0;
      if (end - start >= atLeast) out.push({ start: BigInt(start), end: BigInt(end) });
    }
    return out;
  }
}
