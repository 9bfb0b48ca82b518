// The guard of a dump leaves out threads whose plans show what those of others do, and no other ones.
import { describe, expect, it } from 'vitest';
import type { ImageThread } from '../../src/images/checkpoint.js';
import { withoutRepeats } from '../../src/resources/threads/repeats.js';

const creds = { uid: 7, gid: 7, cap_bnd: [0xffffffff, 0x1ff], groups: [1, 2] };
let lastTid = 100;
function thread(more: object = {}): ImageThread {
  const thread_core = {
    comm: `thread ${++lastTid}`,
    futex_rla: BigInt(lastTid),
    futex_rla_len: 24,
    sched_policy: 0,
    creds: { ...creds },
    sas: { ss_sp: BigInt(lastTid), ss_size: 8192n, ss_flags: 0 },
    signals_p: { signals: [] },
    ...more,
  };
  return { tid: lastTid, core: { thread_core } } as never;
}

describe('of threads that are planned on paper', () => {
  it('those are left out that differ in name and addresses only', () => {
    const all = [thread(), thread(), thread({ comm: 'other' }), thread({ futex_rla: 1n })];
    expect(withoutRepeats(all)).toEqual(all.slice(0, 1));
  });

  it.each([
    ['credentials', { creds: { ...creds, uid: 8 } }],
    ['capabilities', { creds: { ...creds, cap_bnd: [0xffffffff, 0] } }],
    ['more groups', { creds: { ...creds, groups: [1, 2, 3] } }],
    ['a policy', { sched_policy: 1 }],
    ['another field', { mempolicy_mode: 2 }],
    ['a field less', { sas: undefined }],
    ['no stack', { sas: { ss_sp: 0n, ss_size: 8192n, ss_flags: 0 } }],
    ['a NUMA policy of other nodes', { mempolicy_nodes: '1' }],
  ])('one with other %s is planned', (_, more) => {
    const all = [thread(), thread(more), thread(more), thread()];
    expect(withoutRepeats(all)).toEqual([all[0], all[1], all[3]]);
  });

  it('each is planned that has signals', () => {
    const signals = { signals_p: { signals: [{ siginfo: Buffer.alloc(128) }] } };
    const all = [thread(signals), thread(signals), thread()];
    expect(withoutRepeats(all)).toEqual(all);
  });
});
