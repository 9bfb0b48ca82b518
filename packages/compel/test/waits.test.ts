// Waits without a limit go on after a stop, and nothing else does.
import { describe, expect, it } from 'vitest';
import { MODE, parseRegisters, REGS_SIZE, waitingRegisters, withRegisters } from '../src/arch/index.js';

const EINTR = 2n ** 64n - 4n;
const NO_LIMIT = 0xffffffffn;

const after = (changes: Parameters<typeof withRegisters>[1]) =>
  waitingRegisters(
    withRegisters(Buffer.alloc(REGS_SIZE), {
      rax: EINTR,
      rip: 0x1002n,
      [MODE.register]: MODE.wide,
      ...changes,
    }),
  );

describe('a wait that a stop has ended with EINTR', () => {
  it.each([
    ['epoll_wait', { orig_rax: 232n, r10: NO_LIMIT }],
    ['epoll_pwait2', { orig_rax: 441n, r10: 0n }],
    ['rt_sigtimedwait', { orig_rax: 128n, rdx: 0n }],
    ['semop', { orig_rax: 65n }],
    ['io_getevents', { orig_rax: 208n, r8: 0n }],
  ])('goes on without a limit: %s', (_name, changes) => {
    const regs = after(changes);
    // ERESTARTNOHAND: a signal handler that runs first still ends it.
    expect(regs && parseRegisters(regs)).toMatchObject({ rax: 2n ** 64n - 514n, rip: 0x1002n, ...changes });
  });

  it.each([
    ['epoll_wait with a limit', { orig_rax: 232n, r10: 100n }],
    ['semtimedop with a limit', { orig_rax: 220n, r10: 0x7000n }],
    ['read', { orig_rax: 0n }],
    ['a call of 32-bit code', { orig_rax: 232n, r10: NO_LIMIT, [MODE.register]: 0x23n }],
    ['epoll_wait with a result', { orig_rax: 232n, r10: NO_LIMIT, rax: 1n }],
  ])('stays as it is: %s', (_name, changes) => {
    expect(after(changes)).toBeUndefined();
  });
});
