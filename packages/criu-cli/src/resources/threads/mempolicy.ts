// NUMA memory policy of a thread (set_mempolicy(2)), as set by numactl(8).
import type { Program, ProgramResult } from '@criu/compel';
import type { ThreadCoreEntry } from '@criu/images';
import { MPOL_DEFAULT } from '@criu/native/uapi';
import type { PlanContext } from '../../engine/plan.js';
import { formatCpus, onlineNodes } from '../../proc/cpus.js';
import { listOfImage } from './lists.js';

/** Number of bits in the node mask; the kernel requires room for all nodes that it supports. */
const NODES = 1024;

type Policy = Pick<ThreadCoreEntry, 'mempolicy_mode' | 'mempolicy_nodes'>;

/** Steps with which a thread reads its policy. */
export function askMempolicy(p: Program): (r: ProgramResult) => Policy {
  const mode = p.out(8);
  const nodes = p.out(NODES / 8);
  const asked = p.syscall('get_mempolicy', [mode, nodes, NODES, 0, 0], { expect: 'any' });
  return (r) => {
    const found = r.bytes(mode).readUInt32LE(0);
    // A kernel without NUMA has no policies.
    if (r.value(asked) !== 0 || found === MPOL_DEFAULT) return {};
    let mask = 0n;
    for (let word = 0; word < NODES / 64; word++)
      mask |= r.bytes(nodes).readBigUInt64LE(word * 8) << BigInt(word * 64);
    return { mempolicy_mode: found, mempolicy_nodes: formatCpus(mask) };
  };
}

/**
 * Steps with which a thread sets its policy. If this machine does not have the nodes, the policy is left out with a
 * warning.
 */
export function setMempolicy(ctx: PlanContext, p: Program, tid: number, thread: Policy): void {
  const { mempolicy_mode: mode, mempolicy_nodes: list = '' } = thread;
  if (mode === undefined) return;
  const mask = listOfImage(tid, 'mempolicy_nodes', list);
  if (mask >> BigInt(NODES) !== 0n || (mask & ~onlineNodes()) !== 0n) {
    ctx.log.warn(`thread ${tid} has no NUMA policy: this machine has not all of the nodes ${list}`);
    return;
  }
  const words = Array.from({ length: NODES / 64 }, (_, i) => BigInt.asUintN(64, mask >> BigInt(i * 64)));
  p.syscall('set_mempolicy', [mode, p.u64(...words), NODES], { label: `NUMA policy of ${tid}` });
}
