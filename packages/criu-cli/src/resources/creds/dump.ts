// Credentials of each thread: ids, groups, capabilities, securebits and no_new_privs (credentials(7)).
import type { CredsEntry } from '@criu/images';
import { sysRaw } from '@criu/native';
import { EACCES, PR_GET_SECUREBITS } from '@criu/native/uapi';
import type { DumpContext } from '../../engine/dump-context.js';
import type { LiveTask } from '../../engine/dump-task.js';
import type { DumpPart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import type { Ids, Status } from '../../proc/index.js';
import { groupInside, OVERFLOW_ID, userInside } from '../../views/users.js';
import { stopIsPending } from '../signals/dump.js';
import { dumpPolicies } from './apparmor/dump.js';
import { askKeyrings } from './keyrings.js';
import { type ChosenLabels, dumpChosenLabels, dumpLabel, securityModule } from './label.js';

function halves(set: bigint): number[] {
  return [Number(set & 0xffffffffn), Number(set >> 32n)];
}

/** Translates ids to those of the task's own user namespace. @throws CriuError for an id that is not mapped there */
function insideIds(ctx: DumpContext, tid: number, what: 'user' | 'group', ids: Ids): number[] {
  return ids.map((id) => {
    const inside = what === 'user' ? userInside(ctx, id) : groupInside(ctx, id);
    if (inside !== undefined) return inside;
    throw new CriuError(
      'NOT_DUMPABLE',
      `it runs as ${what} ${id}, which its user namespace does not map`,
      { pid: tid },
      'have it change to an id that is mapped before the dump',
    );
  });
}

function credsEntry(
  ctx: DumpContext,
  tid: number,
  status: Status,
  secbits: number,
  { label, chosen }: ThreadFacts,
): CredsEntry {
  const [uid = 0, euid = 0, suid = 0, fsuid = 0] = insideIds(ctx, tid, 'user', status.uid);
  const [gid = 0, egid = 0, sgid = 0, fsgid = 0] = insideIds(ctx, tid, 'group', status.gid);
  return {
    uid,
    gid,
    euid,
    egid,
    suid,
    sgid,
    fsuid,
    fsgid,
    cap_inh: halves(status.capInh),
    cap_prm: halves(status.capPrm),
    cap_eff: halves(status.capEff),
    cap_bnd: halves(status.capBnd),
    secbits,
    // As the task itself sees them: groups that are not mapped appear as the overflow id.
    groups: status.groups.map((id) => groupInside(ctx, id) ?? OVERFLOW_ID),
    ...(label === undefined ? {} : { lsm_profile: label }),
    ...chosen,
    ...(status.noNewPrivs ? { no_new_privs: 1 } : {}),
    cap_amb: halves(status.capAmb),
  };
}

/** Tasks that stand still get a signal, on dump or restore, which the profile of a security module may keep from them. @throws CriuError */
function checkStops({ options }: DumpContext, { pid, state, task }: LiveTask): void {
  const was = stopIsPending(state) || task.thread(pid)?.stopped.kind === 'stopped';
  if (!was && !options.leaveStopped) return;
  if (sysRaw('kill', pid, 0) !== -EACCES) return;
  throw new CriuError(
    'NOT_PERMITTED',
    'its security module keeps signals from it, so that it cannot be stopped',
    { pid },
    `permit them in its profile (AppArmor: signal (receive) peer=unconfined,), or ${was ? 'let it go on before the dump' : 'dump it without --leave-stopped'}`,
  );
}

interface ThreadFacts {
  secbits: number | undefined;
  /** LSM labels of the thread, and of what it will make. */
  readonly label: string | undefined;
  readonly chosen: ChosenLabels;
}

export const credsDump: DumpPart<Map<number, ThreadFacts>> = {
  collect(ctx, task) {
    const facts = new Map<number, ThreadFacts>();
    for (const tid of task.tids)
      ctx.refusals.attempt(() => {
        const label = dumpLabel(ctx, tid);
        facts.set(tid, { secbits: undefined, label, chosen: dumpChosenLabels(ctx, tid) });
      });
    return facts;
  },
  afterCollect(ctx) {
    for (const task of ctx.tasks)
      if (task.kind === 'zombie') task.exitUid = userInside(ctx, task.status.uid[0]);
      else ctx.refusals.attempt(() => checkStops(ctx, task));
    return dumpPolicies(ctx);
  },
  ask(task, tid, p, facts) {
    const bits = p.syscall('prctl', [PR_GET_SECUREBITS, 0, 0, 0, 0]);
    const keyrings = askKeyrings(task, tid, p);
    return (r) => {
      keyrings(r);
      const found = facts.get(tid);
      if (found) found.secbits = r.value(bits);
    };
  },
  describe(ctx, task, facts) {
    for (const tid of task.tids) {
      const [status, found] = [task.statuses.get(tid), facts.get(tid)];
      if (status && found?.secbits !== undefined)
        task.threadCore(tid).creds = credsEntry(ctx, tid, status, found.secbits, found);
    }
  },
  inventory: (ctx) => ({ lsmtype: securityModule(ctx) }),
};
