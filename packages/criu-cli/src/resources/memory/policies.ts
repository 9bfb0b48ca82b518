// NUMA policies of mappings (mbind(2)). That of a thread is in resources/threads.
import type { Program, ProgramResult } from '@criu/compel';
import type { VmaEntry, VmaTable } from '@criu/images';
import { MPOL_DEFAULT, MPOL_F_ADDR, MPOL_MF_MOVE } from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import { CriuError } from '../../errors.js';
import { hex, VMA, vmaSize } from '../../images/vma.js';
import { formatCpus, onlineNodes, parseCpus } from '../../proc/cpus.js';

/** Bits of the node mask that is asked for. Linux needs as many as there can be nodes on the machine. */
const NODES = 64;
/** On a machine with one node a policy changes nothing, so a task with more mappings than this is not asked there. */
const MANY = 1000;
const SPECIAL = VMA.VDSO | VMA.VVAR | VMA.VSYSCALL | VMA.GUARD;

/**
 * Adds one get_mempolicy(2) for each mapping.
 * @returns what puts the policies into the entries of those mappings that have one
 */
export function askPolicies(p: Program, vmas: VmaTable): (r: ProgramResult) => void {
  const asked = vmas.where(({ status }) => !(status & SPECIAL));
  if (asked.length > MANY && onlineNodes() === 1n) return () => {};
  const steps = asked.map((at) => {
    const out = p.out(16);
    const nodes = p.at(out, 8);
    const step = p.syscall('get_mempolicy', [out, nodes, NODES, vmas.start(at), MPOL_F_ADDR], {
      expect: 'any',
    });
    return { at, out, step };
  });
  return (r) => {
    for (const { at, out, step } of steps) {
      const bytes = r.bytes(out);
      const mode = bytes.readUInt32LE(0);
      // A kernel without NUMA has no policies.
      if (r.value(step) !== 0 || mode === MPOL_DEFAULT) continue;
      const vma = vmas.own(at);
      vma.mempolicy_mode = mode;
      vma.mempolicy_nodes = formatCpus(bytes.readBigUInt64LE(8));
    }
  };
}

function nodesOf(pid: number, list: string): bigint {
  try {
    return parseCpus(list);
  } catch (error) {
    throw new CriuError(
      'BAD_IMAGE',
      'mempolicy_nodes is no list',
      { file: `mm-${pid}.img` },
      undefined,
      error,
    );
  }
}

/** Sets the policy of a mapping. On a machine without its nodes it gets none, with a warning. */
export function setPolicy(ctx: PlanContext, plan: TaskPlan, vma: VmaEntry): void {
  const { start, mempolicy_mode: mode, mempolicy_nodes: list = '' } = vma;
  if (mode === undefined) return;
  const mask = nodesOf(plan.pid, list);
  if (mask >> BigInt(NODES) !== 0n || (mask & ~onlineNodes()) !== 0n) {
    ctx.log.warn(
      `task ${plan.pid}: mapping ${hex(start)} has no NUMA policy: this machine has not all of the nodes ${list}`,
    );
    return;
  }
  const p = plan.program('protect');
  // The kernel reads one bit less than it is told (set_mempolicy(2)).
  p.syscall('mbind', [start, vmaSize(vma), mode, p.u64(mask), NODES + 1, MPOL_MF_MOVE], {
    label: () => `NUMA policy of ${hex(start)}`,
  });
}
