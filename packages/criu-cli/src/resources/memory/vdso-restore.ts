// Restores the places of vDSO, vvar and vvar_vclock. The kernel creates them for every new task; a restored task has
// each part where the images say, or not at all. They can only be moved and unmapped, not created.

import type { Program } from '@criu/compel';
import { addon } from '@criu/native';
import {
  MADV_DONTDUMP,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from '@criu/native/uapi';
import { vdsoSymbols } from '../../arch/index.js';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import { CriuError } from '../../errors.js';
import type { VmaEntry, VmaTable } from '../../images/types.js';
import { hex, isAdvised, VMA, vmaSize } from '../../images/vma.js';
import type { PageSource } from '../../pages/sources/source.js';
import { type MapsEntry, readMaps } from '../../proc/index.js';
import { stateKey } from '../../states.js';

const SPECIAL = /^\[(vvar|vvar_vclock|vdso)\]$/;

/** A part that the kernel has created, moved to a place where it is not in the way. */
interface Parked {
  readonly name: string;
  readonly at: number;
  readonly size: number;
  /** Distance in bytes to the first part as the kernel has mapped them, on which its code relies. */
  readonly offset: number;
}

const partsOf = (vmas: VmaTable) => vmas.list((v) => v.status & (VMA.VDSO | VMA.VVAR));

/**
 * Moves the parts to `parking` and the addresses behind it.
 * @param own the parts in the new task
 * @param end end of the free addresses there
 * @throws CriuError
 */
export function parkVdso(p: Program, own: readonly MapsEntry[], parking: number, end: number): Parked[] {
  const from = own[0]?.start ?? 0;
  return own.map((m) => {
    const parked = {
      name: m.path,
      size: m.end - m.start,
      offset: m.start - from,
      at: parking + m.start - from,
    };
    if (parked.at + parked.size > end) throw new CriuError('UNSUPPORTED', 'the vDSO is larger than expected');
    move(p, m.path, m.start, parked.size, parked.at);
    return parked;
  });
}

function move(p: Program, name: string, from: number, size: number, to: number): void {
  if (from === to) return;
  p.syscall('mremap', [from, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, to], {
    expect: to,
    label: `move ${name} to ${hex(to)}`,
  });
}

/**
 * Moves parked parts to their places in the images, and unmaps those that the images do not have.
 * @param runtime the vDSO that the kernel has created
 * @throws CriuError if the task cannot use it
 */
export function placeVdso(
  p: Program,
  plan: TaskPlan,
  parked: readonly Parked[],
  runtime: Buffer,
  pages: PageSource,
): void {
  const wanted = partsOf(plan.task.mm.vmas);
  const code = wanted.find((v) => v.status & VMA.VDSO);
  const dumped = code && pages.read({ pid: plan.pid }, code.start, vmaSize(code));
  const same = !code || (dumped?.equals(runtime) ?? false) || code.vdso_patched === true;
  const places = assign(parked, wanted);
  if (!places || !(same || isCompatible(plan, parked, places, { code, dumped, runtime })))
    throw new CriuError(
      'UNSUPPORTED',
      'the vDSO of this kernel differs from the one the task was dumped with',
      { pid: plan.pid },
      'restore on the kernel that the checkpoint was made on',
    );
  for (const part of parked) {
    const to = places.get(part);
    if (to === undefined) p.syscall('munmap', [part.at, part.size], { label: `no ${part.name}` });
    else move(p, part.name, part.at, part.size, to);
  }
  if (code?.vdso_patched && dumped) patch(p, plan, code, dumped, runtime);
  for (const vma of wanted) setAttributes(p, plan, vma);
}

/** Assigns parts to entries. Neighbouring parts of one kind may be one entry of the images. */
function assign(parked: readonly Parked[], wanted: readonly VmaEntry[]): Map<Parked, number> | undefined {
  const places = new Map<Parked, number>();
  for (const vma of wanted) {
    const isCode = (vma.status & VMA.VDSO) !== 0;
    const left = parked.filter((part) => !places.has(part) && (part.name === '[vdso]') === isCode);
    const whole = left.reduce((sum, { size }) => sum + size, 0) === vmaSize(vma);
    const taken = whole ? left : left.filter(({ size }) => size === vmaSize(vma)).slice(0, 1);
    if (taken.length === 0) return undefined;
    let at = Number(vma.start);
    for (const part of taken) {
      places.set(part, at);
      at += part.size;
    }
  }
  return places;
}

interface Codes {
  readonly code: VmaEntry | undefined;
  readonly dumped: Buffer | undefined;
  readonly runtime: Buffer;
}

/** Another vDSO can be used if all its functions have the same addresses and no thread is executing one. */
function isCompatible(
  plan: TaskPlan,
  parked: readonly Parked[],
  places: ReadonlyMap<Parked, number>,
  { code, dumped, runtime }: Codes,
): boolean {
  const first = places.get(parked[0] as Parked);
  if (first === undefined || !parked.every((part) => places.get(part) === first + part.offset)) return false;
  const inside = plan.task.threads.some(
    ({ core }) => code && core.thread_info.gpregs.ip >= code.start && core.thread_info.gpregs.ip < code.end,
  );
  if (inside) return false;
  const symbols = vdsoSymbols(runtime);
  return !dumped || (symbols !== undefined && (vdsoSymbols(dumped)?.equals(symbols) ?? false));
}

/** Restores changes that the task, or a debugger, has made to its vDSO. */
function patch(p: Program, plan: TaskPlan, code: VmaEntry, dumped: Buffer, runtime: Buffer): void {
  const symbols = vdsoSymbols(runtime);
  if (!symbols || !vdsoSymbols(dumped)?.equals(symbols))
    throw new CriuError(
      'UNSUPPORTED',
      'the task had changed the vDSO of another kernel',
      { pid: plan.pid },
      'restore on the kernel that the checkpoint was made on',
    );
  p.syscall('mprotect', [code.start, dumped.length, PROT_READ | PROT_WRITE], { label: 'open the vDSO' });
  p.copy(code.start, p.data(dumped), dumped.length);
  p.syscall('mprotect', [code.start, dumped.length, PROT_READ | PROT_EXEC], { label: 'close the vDSO' });
}

function setAttributes(p: Program, plan: TaskPlan, vma: VmaEntry): void {
  const { start, status, prot } = vma;
  const isCode = (status & VMA.VDSO) !== 0;
  const usual = isCode ? PROT_READ | PROT_EXEC : PROT_READ;
  const name = isCode ? 'vDSO' : 'vvar';
  if (prot !== usual) p.syscall('mprotect', [start, vmaSize(vma), prot], { label: `protect the ${name}` });
  for (let bit = 0; bit < 64; bit++) {
    // MADV_DONTDUMP is set by the kernel for its data.
    if (!isAdvised(vma, bit) || (!isCode && bit === MADV_DONTDUMP)) continue;
    p.syscall('madvise', [start, vmaSize(vma), bit], { label: `advice ${bit} for the ${name}` });
  }
  if (vma.sealed)
    plan.program('process').syscall('mseal', [start, vmaSize(vma), 0], { label: `seal the ${name}` });
}

/** The vDSO and its data that the kernel has mapped in new tasks. */
interface KernelParts {
  readonly parts: readonly MapsEntry[];
  /** Bytes of the vDSO. */
  readonly code: Buffer;
}

const known = stateKey('vDSO of new tasks', (_: PlanContext): { made?: KernelParts } => ({}));

/**
 * The parts in a task that has not cleared its address space yet. All tasks are copies of the first agent, so the
 * addresses are equal in all of them, and one task is read for all.
 * @throws CriuError
 */
export function kernelParts(ctx: PlanContext, pid: number): KernelParts {
  const state = ctx.states.get(known);
  if (!state.made) {
    const parts = readMaps(pid).filter(({ path }) => SPECIAL.test(path));
    state.made = { parts, code: readVdso(pid, parts) };
  }
  return state.made;
}

/** The bytes of a task's vDSO. @throws CriuError */
function readVdso(pid: number, maps: readonly MapsEntry[]): Buffer {
  const code = maps.find((m) => m.path === '[vdso]');
  const bytes = Buffer.alloc(code ? code.end - code.start : 0);
  if (code && addon().vmRead(pid, code.start, bytes) !== bytes.length)
    throw new CriuError('SYSCALL', 'cannot read the vDSO', { pid });
  return bytes;
}
