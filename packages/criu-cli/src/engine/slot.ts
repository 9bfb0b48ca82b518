// A descriptor on its way from the task that makes it to those that take it.
import { close } from '@criu/native';
import { CriuError } from '../errors.js';

/** A descriptor that one task makes and others take, by way of the brain. */
export class Slot {
  private waiting: { resolve(): void; reject(error: Error): void }[] = [];
  private fd: number | undefined;
  private failure: Error | undefined;

  constructor(readonly name: string) {}

  get filled(): boolean {
    return this.fd !== undefined;
  }

  /** Resolves when it is filled. @throws what it failed with */
  async ready(): Promise<void> {
    if (this.failure) throw this.failure;
    if (this.fd !== undefined) return;
    await new Promise<void>((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  /** Number of our copy. @throws CriuError if it is not filled */
  get value(): number {
    if (this.fd === undefined) throw new CriuError('INTERNAL', `${this.name} is not there`);
    return this.fd;
  }

  fill(fd: number): void {
    this.fd = fd;
    for (const { resolve } of this.waiting.splice(0)) resolve();
  }

  /** Nobody will fill it: whoever waits need not any longer. */
  fail(error: Error): void {
    this.failure ??= error;
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }

  /** Closes our copy, once all have theirs. */
  drop(): void {
    if (this.fd !== undefined) close(this.fd);
    this.fd = undefined;
  }
}
