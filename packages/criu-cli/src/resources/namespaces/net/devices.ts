// Network devices by kind: what an image has of each beside what all have.
import type { Encodable, NetDeviceEntry } from '@criu/images';
import { IFLA, type Link } from '@criu/native/netlink';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';

/** enum nd_type of netdev.proto. */
export const ND = {
  LOOPBACK: 1,
  VETH: 2,
  TUN: 3,
  EXTLINK: 4,
  VENET: 5,
  BRIDGE: 6,
  MACVLAN: 7,
  SIT: 8,
} as const;

const ARPHRD_LOOPBACK = 772;

/** Devices that the kernel itself puts into each new network namespace while a module is loaded. */
const FALLBACK = /^(tunl0|gre0|gretap0|erspan0|ip_vti0|ip6_vti0|sit0|ip6tnl0|ip6gre0)$/;

/** The part of a device's entry that is particular to its kind; undefined for one that comes by itself. @throws CriuError */
export function deviceOf(
  _ctx: DumpContext,
  link: Link,
): Pick<Encodable<NetDeviceEntry>, 'type' | 'address'> | undefined {
  if (link.arpType === ARPHRD_LOOPBACK) return { type: ND.LOOPBACK };
  if (FALLBACK.test(link.name)) return undefined;
  const address = link.attributes.bytes(IFLA.ADDRESS);
  if (link.kind === 'bridge' && address) return { type: ND.BRIDGE, address };
  throw new CriuError(
    'UNSUPPORTED',
    `its network namespace has the device ${link.name} of kind ${link.kind ?? `type ${link.arpType}`}, which cannot be dumped yet`,
    {},
    'remove the device before the dump',
  );
}
