// Contents of a network namespace that cannot be restored: the dump refuses them instead of losing them silently.
import { SysError } from '@criu/native';
import type { Link } from '@criu/native/netlink';
import { ENOENT, EOPNOTSUPP, EPROTONOSUPPORT, IFLA_XDP, IFLA_XDP_ATTACHED } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import type { Namespace } from '../../../views/namespaces.js';
import { networkText } from '../../../views/networks.js';

/** Files of /proc/net with their number of heading lines. */
const FILES = [
  { name: 'ip_mr_vif', heading: 1, what: 'routes multicast (IPv4)', remedy: 'end the daemon that routes it' },
  {
    name: 'ip6_mr_vif',
    heading: 1,
    what: 'routes multicast (IPv6)',
    remedy: 'end the daemon that routes it',
  },
  {
    name: 'arp_tables_names',
    heading: 0,
    what: 'has rules of arptables',
    remedy: 'take them away before the dump (arptables-legacy -F), or have them in nftables',
  },
  {
    name: 'ip_vs',
    heading: 3,
    what: 'has virtual servers (IPVS)',
    remedy: 'take them away before the dump (ipvsadm --clear), and put them there again afterwards',
  },
] as const;

function refuse(what: string, remedy: string): CriuError {
  return new CriuError('UNSUPPORTED', `its network namespace ${what}, which cannot be restored`, {}, remedy);
}

/**
 * Errnos by which each subsystem shows that the kernel does not have it: no such netlink protocol, or no such generic
 * netlink name. Any other error means that the list is unknown.
 */
const MISSING = {
  'states and policies of IPsec': [EPROTONOSUPPORT, EOPNOTSUPP],
  'endpoints of MPTCP': [EPROTONOSUPPORT, ENOENT],
} as const;

/** The list of a subsystem; empty if the kernel does not have it. @throws CriuError for all other errors */
export function ask<T>(what: keyof typeof MISSING, work: () => readonly T[]): readonly T[] {
  const missing: readonly number[] = MISSING[what];
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    if (missing.includes(error.errno)) return [];
    throw new CriuError(
      'SYSCALL',
      `cannot look whether its network namespace has ${what}: ${error.message}`,
      {},
      error.code === 'EPERM' || error.code === 'EACCES'
        ? 'run as root, or with CAP_NET_ADMIN there'
        : 'try again, or see what the log of the kernel says (dmesg)',
      error,
    );
  }
}

/** Adds everything that would be lost to `ctx.refusals`. @throws CriuError */
export function checkKept(ctx: DumpContext, namespace: Namespace, links: readonly Link[]): void {
  for (const { name, attributes } of links)
    ctx.refusals.attempt(() => {
      if (attributes.nested(IFLA_XDP)?.u8(IFLA_XDP_ATTACHED))
        throw new CriuError(
          'UNSUPPORTED',
          `the network device ${name} has a BPF program attached (XDP), which cannot be restored`,
          {},
          `detach it before the dump (ip link set dev ${name} xdp off), and attach it again afterwards`,
        );
    });
  for (const { name, heading, what, remedy } of FILES)
    ctx.refusals.attempt(() => {
      const lines = networkText(namespace, name).split('\n');
      if (lines.filter((line) => line !== '').length > heading) throw refuse(what, remedy);
    });
}
