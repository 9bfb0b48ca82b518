// What modules keep for the time of one operation: typed, made when it is asked for first, gone with its owner.

/** Names a piece of state that belongs to an owner: a dump, a restore, a task. */
export interface StateKey<Owner, T> {
  /** For messages. */
  readonly name: string;
  readonly make: (owner: Owner) => T;
}

/** @param make what the state is at first; called once for each owner */
export function stateKey<Owner, T>(name: string, make: (owner: Owner) => T): StateKey<Owner, T> {
  return { name, make };
}

/** The state of one owner. */
export class States<Owner> {
  private readonly values = new Map<StateKey<never, unknown>, unknown>();

  constructor(private readonly owner: Owner) {}

  get<T>(key: StateKey<Owner, T>): T {
    if (this.values.has(key)) return this.values.get(key) as T;
    const value = key.make(this.owner);
    this.values.set(key, value);
    return value;
  }

  /** Whether anybody has asked for it. */
  has(key: StateKey<Owner, unknown>): boolean {
    return this.values.has(key);
  }

  set<T>(key: StateKey<Owner, T>, value: T): void {
    this.values.set(key, value);
  }
}
