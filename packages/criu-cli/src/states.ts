// State that modules keep for one operation: typed, created on first access, and dropped with its owner.

/** The key of a piece of state of an owner: a dump, a restore, or a task. */
export interface StateKey<Owner, T> {
  /** For messages. */
  readonly name: string;
  readonly make: (owner: Owner) => T;
}

/** @param make creates the initial state; called once for each owner */
export function stateKey<Owner, T>(name: string, make: (owner: Owner) => T): StateKey<Owner, T> {
  return { name, make };
}

/** The state of one owner. */
export class States<Owner> {
  /** Created with the first value: most of the thousands of owners never have one. */
  private values: Map<StateKey<never, unknown>, unknown> | undefined;

  constructor(private readonly owner: Owner) {}

  get<T>(key: StateKey<Owner, T>): T {
    const known = this.values?.get(key) as T | undefined;
    if (known !== undefined || this.values?.has(key)) return known as T;
    const value = key.make(this.owner);
    this.set(key, value);
    return value;
  }

  /** Whether the state was created. */
  has(key: StateKey<Owner, unknown>): boolean {
    return this.values?.has(key) ?? false;
  }

  set<T>(key: StateKey<Owner, T>, value: T): void {
    this.values ??= new Map();
    this.values.set(key, value);
  }
}
