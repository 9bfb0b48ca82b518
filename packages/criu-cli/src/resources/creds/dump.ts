// Credentials of each thread: ids, groups, capabilities, securebits and no_new_privs (credentials(7)).
import type { CredsEntry } from '@criu/images';
import { PR_GET_SECUREBITS } from '@criu/native/uapi';
import type { DumpPart } from '../../engine/resource.js';
import type { Status } from '../../proc/index.js';

function halves(set: bigint): number[] {
  return [Number(set & 0xffffffffn), Number(set >> 32n)];
}

function credsEntry(status: Status, secbits: number): CredsEntry {
  return {
    uid: status.uid[0],
    gid: status.gid[0],
    euid: status.uid[1],
    egid: status.gid[1],
    suid: status.uid[2],
    sgid: status.gid[2],
    fsuid: status.uid[3],
    fsgid: status.gid[3],
    cap_inh: halves(status.capInh),
    cap_prm: halves(status.capPrm),
    cap_eff: halves(status.capEff),
    cap_bnd: halves(status.capBnd),
    secbits,
    groups: status.groups,
    ...(status.noNewPrivs ? { no_new_privs: 1 } : {}),
    cap_amb: halves(status.capAmb),
  };
}

export const credsDump: DumpPart<Map<number, number>> = {
  collect: () => new Map(),
  ask(_task, tid, p, facts) {
    const bits = p.syscall('prctl', [PR_GET_SECUREBITS, 0, 0, 0, 0]);
    return (r) => void facts.set(tid, r.value(bits));
  },
  describe(_ctx, task, facts) {
    for (const tid of task.tids)
      task.threadCore(tid).creds = credsEntry(task.statuses.get(tid)!, facts.get(tid)!);
  },
};
