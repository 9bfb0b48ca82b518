// Pids in two pid namespaces: that of this process, and the task's own, which images use.
import { ProcError, readStatus, type Status } from './index.js';

declare const host: unique symbol;
declare const inside: unique symbol;

/** Pid or tid in the pid namespace of this process: for system calls, /proc and the tracer. */
export type HostPid = number & { readonly [host]: true };
/** Pid, tid, session or group in the pid namespace of the tasks: for images, and for what tasks do themselves. */
export type NsPid = number & { readonly [inside]: true };

/** The number in an image's name, which may be a pid of the tasks' namespace but none of this process's. */
export type ImageId = (number | bigint) & { readonly [host]?: never };

export function asHostPid(pid: number): HostPid {
  return pid as HostPid;
}

export function asNsPid(pid: number): NsPid {
  return pid as NsPid;
}

/** The id in the innermost namespace. Kernels without pid namespaces list none. */
function innermost(list: readonly number[], pid: number): NsPid {
  return asNsPid(list.at(-1) ?? pid);
}

/** The pid, process group and session of a task in its own pid namespace; 0 for one that is outside of it. */
export function namespacePids(status: Status, stat: { pgrp: number; session: number }) {
  return {
    pid: innermost(status.nsPid, status.pid),
    pgid: innermost(status.nsPgid, stat.pgrp),
    sid: innermost(status.nsSid, stat.session),
  };
}

/** The threads of a process, by their ids in its own pid namespace. @throws ProcError */
export function threadsByNsPid(tids: readonly number[]): Map<NsPid, HostPid> {
  return new Map(tids.map((tid) => [innermost(readStatus(tid).nsPid, tid), asHostPid(tid)]));
}

/**
 * Translates a pid, process group or session into a pid namespace that is `depth` levels below that of this process;
 * undefined if it does not exist there.
 * @param members tasks whose groups and sessions are searched
 */
export function lookInside(pid: HostPid, depth: number, members: readonly HostPid[]): NsPid | undefined {
  const of = (list: readonly number[]) => {
    const inner = list.at(-1);
    return list[0] === pid && list.length === depth && inner ? asNsPid(inner) : undefined;
  };
  try {
    return of(readStatus(pid).nsPid);
  } catch (error) {
    if (!(error instanceof ProcError) || (error.code !== 'PROC_GONE' && error.code !== 'PROC_MISSING'))
      throw error;
  }
  // The id of a group or session whose leader has ended is found at its members.
  for (const member of members) {
    const { nsPgid, nsSid } = readStatus(member);
    const found = of(nsSid) ?? of(nsPgid);
    if (found !== undefined) return found;
  }
  return undefined;
}
