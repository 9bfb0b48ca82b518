// Cancellation of operations.
import { describe, expect, test } from 'vitest';
import { asAbortSignal, Cancellation } from '../../src/cancel.js';

describe('a cancellation', () => {
  test('calls its listeners once, in their order, with its reason there already', () => {
    const cancellation = new Cancellation();
    const { signal } = cancellation;
    const seen: unknown[] = [];
    signal.addEventListener('abort', () => seen.push(`first ${signal.aborted} ${String(signal.reason)}`));
    signal.addEventListener('abort', () => seen.push('second'), { once: true });
    const removed = () => seen.push('removed');
    signal.addEventListener('abort', removed);
    signal.removeEventListener('abort', removed);
    expect([signal.aborted, signal.reason]).toEqual([false, undefined]);
    cancellation.abort('late');
    cancellation.abort('later');
    expect(seen).toEqual(['first true late', 'second']);
    expect(signal.reason).toBe('late');
  });

  test('becomes an AbortSignal for functions of others', () => {
    const reason = new Error('called off');
    const cancellation = new Cancellation();
    const before = asAbortSignal(cancellation.signal);
    expect(before.aborted).toBe(false);
    cancellation.abort(reason);
    const after = asAbortSignal(cancellation.signal);
    for (const signal of [before, after]) {
      expect(signal).toBeInstanceOf(AbortSignal);
      expect(() => signal.throwIfAborted()).toThrow(reason);
    }
    const { signal } = new AbortController();
    expect(asAbortSignal(signal)).toBe(signal);
  });
});
