// Ranges of addresses in columns, with attributes that many ranges have alike.

/** Ranges that a table has room for at first. */
const ROOM = 64;

function larger<T extends Float64Array | Uint32Array>(column: T, make: new (length: number) => T): T {
  const out = new make(column.length * 2);
  out.set(column);
  return out;
}

/** A range with its attributes. */
type Whole<A> = Omit<A, 'start' | 'end'> & { start: bigint; end: bigint };

/**
 * A list of ranges, in the order in which they are added. What is asked of attributes is asked once for all ranges
 * that have the same ones: an address space may have ten thousands of mappings of a few sorts. Addresses are multiples
 * of the page size below 2^64, which a double represents exactly.
 */
export class RangeTable<A extends object> {
  private startColumn = new Float64Array(ROOM);
  private endColumn = new Float64Array(ROOM);
  private indexColumn = new Uint32Array(ROOM);
  private count = 0;
  private readonly known: A[] = [];
  /** Number of ranges with each of them. */
  private readonly uses: number[] = [];

  get length(): number {
    return this.count;
  }

  /** Start addresses of all ranges. */
  get starts(): Float64Array {
    return this.startColumn.subarray(0, this.count);
  }

  /** End addresses of all ranges. */
  get ends(): Float64Array {
    return this.endColumn.subarray(0, this.count);
  }

  /** For each range the index of its attributes. */
  get indexes(): Uint32Array {
    return this.indexColumn.subarray(0, this.count);
  }

  /** All attributes. */
  get attributes(): readonly A[] {
    return this.known;
  }

  /** Adds attributes for ranges that are still to come. @returns their index */
  attribute(attributes: A): number {
    this.uses.push(0);
    return this.known.push(attributes) - 1;
  }

  /** Adds a range behind all others. @param index of its attributes */
  add(start: number, end: number, index: number): void {
    const at = this.count;
    if (at === this.startColumn.length) {
      this.startColumn = larger(this.startColumn, Float64Array);
      this.endColumn = larger(this.endColumn, Float64Array);
      this.indexColumn = larger(this.indexColumn, Uint32Array);
    }
    this.startColumn[at] = start;
    this.endColumn[at] = end;
    this.indexColumn[at] = index;
    this.uses[index] = (this.uses[index] ?? 0) + 1;
    this.count = at + 1;
  }

  /** Makes the last range longer or shorter. */
  endLastAt(end: number): void {
    this.endColumn[this.count - 1] = end;
  }

  start(at: number): number {
    return this.startColumn[at] ?? 0;
  }

  end(at: number): number {
    return this.endColumn[at] ?? 0;
  }

  /** The attributes of a range. */
  of(at: number): A {
    return this.known[this.indexColumn[at] ?? 0] as A;
  }

  /** Attributes of a range that no other range has, for changing them. */
  own(at: number): A {
    const index = this.indexColumn[at] ?? 0;
    const uses = this.uses[index] ?? 0;
    if (uses < 2) return this.of(at);
    const copy = { ...this.of(at) };
    const own = this.attribute(copy);
    this.indexColumn[at] = own;
    this.uses[index] = uses - 1;
    this.uses[own] = 1;
    return copy;
  }

  /** A range as an object. */
  get(at: number): Whole<A> {
    return { ...this.of(at), start: BigInt(this.start(at)), end: BigInt(this.end(at)) };
  }

  /** Whether the attributes of any range fit. */
  some(fits: (attributes: A) => unknown): boolean {
    return this.known.some(fits);
  }

  /** Numbers of the ranges whose attributes fit, ascending. */
  where(fits: (attributes: A) => unknown): number[] {
    const { known } = this;
    const wanted = known.map((one) => Boolean(fits(one)));
    const out: number[] = [];
    if (!wanted.includes(true)) return out;
    const { indexColumn, count } = this;
    for (let at = 0; at < count; at++) if (wanted[indexColumn[at] ?? 0]) out.push(at);
    return out;
  }

  /** The ranges whose attributes fit, as objects; all of them without `fits`. */
  list(fits: (attributes: A) => unknown = () => true): Whole<A>[] {
    return this.where(fits).map((at) => this.get(at));
  }
}
