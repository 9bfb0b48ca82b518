// Credentials that an unprivileged restore (`--unprivileged`) cannot change: they must equal those of the caller.
import { sysRaw } from '@criu/native';
import { PR_GET_SECUREBITS } from '@criu/native/uapi';
import { type CapabilityName, lacking } from '../../capabilities.js';
import type { PlanContext } from '../../engine/plan.js';
import { CriuError } from '../../errors.js';
import type { CredsEntry } from '../../images/types.js';
import { readStatus, type Status } from '../../proc/index.js';
import { isConfined } from '../../views/planned-users.js';

/** Capabilities that may be needed to change credentials. */
const CHANGES = ['CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP'] as const satisfies readonly CapabilityName[];

interface Own {
  readonly status: Status;
  readonly secureBits: number;
}

const sorted = (ids: readonly number[]): string => [...new Set(ids)].sort((a, b) => a - b).join();

function set([low = 0, high = 0]: readonly number[]): bigint {
  return BigInt(low >>> 0) | (BigInt(high >>> 0) << 32n);
}

/** How a thread's credentials differ from those of the caller, by the capability that is needed to change them. */
const DIFFERENCES: Readonly<
  Record<(typeof CHANGES)[number], (creds: CredsEntry, own: Own) => string | undefined>
> = {
  CAP_SETUID: ({ uid, euid, suid }, { status }) => {
    const other = [uid, euid, suid].find((id) => !status.uid.slice(0, 3).includes(id));
    return other === undefined ? undefined : `user ${other}`;
  },
  CAP_SETGID: ({ gid, egid, sgid, groups }, { status }) => {
    const other = [gid, egid, sgid].find((id) => !status.gid.slice(0, 3).includes(id));
    if (other !== undefined) return `group ${other}`;
    return sorted(groups) === sorted(status.groups)
      ? undefined
      : `supplementary groups ${sorted(groups) || '(none)'}`;
  },
  CAP_SETPCAP: ({ secbits, cap_bnd }, { status, secureBits }) => {
    if (secbits !== secureBits) return `secure bits 0x${secbits.toString(16)}`;
    const dropped = status.capBnd & ~set(cap_bnd);
    return dropped === 0n ? undefined : `a bounding set without the capabilities 0x${dropped.toString(16)}`;
  },
};

/**
 * The capabilities that the restore has to do without, after checking that no credentials have to be changed that need
 * them.
 * @throws CriuError NOT_PERMITTED if some have to
 */
export function fixedCreds(ctx: PlanContext): ReadonlySet<CapabilityName> {
  if (ctx.onPaper || !ctx.options.unprivileged || isConfined(ctx)) return new Set();
  const fixed = lacking(CHANGES);
  const own: Own = {
    status: readStatus(process.pid),
    secureBits: sysRaw('prctl', PR_GET_SECUREBITS, 0, 0, 0, 0),
  };
  for (const { task } of ctx.tasks)
    for (const { tid, core } of task.threads) {
      const { creds } = core.thread_core;
      if (!creds) continue;
      for (const name of CHANGES) {
        const other = fixed.includes(name) ? DIFFERENCES[name](creds, own) : undefined;
        if (other !== undefined)
          throw new CriuError(
            'NOT_PERMITTED',
            `it has ${other}, which whoever restores has not`,
            { pid: tid },
            `this takes ${name}: restore as that user, give it to whoever runs criu, or run as root`,
          );
      }
      const more = set(creds.cap_prm) & ~own.status.capPrm;
      if (more !== 0n)
        throw new CriuError(
          'NOT_PERMITTED',
          `it has the capabilities 0x${more.toString(16)}, which whoever restores has not`,
          { pid: tid },
          'give them to whoever runs criu, or run as root',
        );
    }
  return new Set(fixed);
}
