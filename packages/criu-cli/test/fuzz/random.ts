// Numbers that look random and are the same again for the same seed.

/** xorshift32, seeded by a number and a position, so that each case can be made alone. */
export class Random {
  private state: number;

  constructor(seed: number, position = 0) {
    // Neighbouring seeds must not begin alike: the finaliser of MurmurHash3.
    let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(position + 1, 0xc2b2ae35);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    this.state = (h ^ (h >>> 16)) >>> 0 || 1;
  }

  /** A word of 32 bits, not zero. */
  word(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x >>> 0;
    return this.state;
  }

  /** 0 up to, not with, `limit`. */
  below(limit: number): number {
    return this.word() % limit;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(list: readonly T[]): T {
    const found = list[this.below(Math.max(list.length, 1))];
    if (found === undefined) throw new RangeError('nothing to pick from');
    return found;
  }
}
