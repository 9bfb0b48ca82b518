// Dumps tun(4) devices. rtnetlink reports most settings; two can only be read through an attached descriptor.

import { type Agent, Program } from '@criu/compel';
import { NdType } from '@criu/images';
import { encodeName } from '@criu/native';
import type { Link } from '@criu/native/netlink';
import {
  AT_FDCWD,
  IFF_MULTI_QUEUE,
  IFF_NO_PI,
  IFF_PERSIST,
  IFF_TUN,
  IFF_UP,
  IFF_VNET_HDR,
  IFLA_TUN_GROUP,
  IFLA_TUN_MULTI_QUEUE,
  IFLA_TUN_OWNER,
  IFLA_TUN_PERSIST,
  IFLA_TUN_PI,
  IFLA_TUN_TYPE,
  IFLA_TUN_VNET_HDR,
  IFNAMSIZ,
  ifreq,
  O_RDWR,
  TUNGETSNDBUF,
  TUNGETVNETHDRSZ,
  TUNSETIFF,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import type { Namespace } from '../../../views/namespaces.js';
import { groupInside, userInside } from '../../../views/users.js';
import { attachedTo } from '../../files/tun/dump.js';
import { TUN_PATH } from '../../files/tun/numbers.js';
import { commonOf, type Extra } from './devices.js';

const NOBODY = -1;

/** The owner in ids of the tasks. @throws CriuError if it is not mapped */
function idInside(id: number | undefined, inside: (id: number) => number | undefined, name: string): number {
  if (id === undefined || (id | 0) === NOBODY) return NOBODY;
  const found = inside(id);
  if (found === undefined)
    throw new CriuError(
      'NOT_DUMPABLE',
      `the device ${name} belongs to ${id}, which the user namespace of the tasks does not map`,
    );
  return found;
}

/** Defaults of a new device: INT_MAX, and the size of struct virtio_net_hdr. */
const USUAL = { sndbuf: 0x7fffffff, vnethdr: 10 } as const;

/**
 * Attaches for a moment to a device without attached files. A device that is up is left alone, and assumed to have the
 * defaults: it would get a carrier, and thereby addresses and routes.
 * @throws ProgramError
 */
async function look(
  inside: Agent,
  { name, flags: now }: Link,
  flags: number,
): Promise<{ sndbuf: number; vnethdr: number }> {
  if (now & IFF_UP) return USUAL;
  const p = new Program(`settings of ${name}`);
  const [sndbuf, vnethdr] = [p.out(4), p.out(4)];
  const fd = p.syscall('openat', [AT_FDCWD, p.cstring(TUN_PATH), O_RDWR], { label: TUN_PATH });
  const request = Buffer.alloc(ifreq.sizeof);
  encodeName(name).copy(request, 0, 0, IFNAMSIZ - 1);
  request.writeUInt16LE(flags & ~IFF_PERSIST, ifreq.ifr_flags);
  p.syscall('ioctl', [fd, TUNSETIFF, p.data(request)], { label: `attach to ${name}` });
  p.syscall('ioctl', [fd, TUNGETSNDBUF, sndbuf], { label: `send buffer of ${name}` });
  p.syscall('ioctl', [fd, TUNGETVNETHDRSZ, vnethdr], { label: `header size of ${name}` });
  p.syscall('close', [fd]);
  const result = await inside.run(p);
  return { sndbuf: result.bytes(sndbuf).readInt32LE(), vnethdr: result.bytes(vnethdr).readInt32LE() };
}

/** The kind-specific part of a tun device's entry. @throws CriuError, ProgramError */
export async function tunOf(
  ctx: DumpContext,
  namespace: Namespace,
  link: Link,
  inside: Agent,
): Promise<Extra> {
  const { name, data } = link;
  if (!data)
    throw new CriuError(
      'UNSUPPORTED',
      `the kernel does not tell the settings of the device ${name} (before Linux 4.20)`,
    );
  const has = (type: number) => data.u8(type) === 1;
  const flags =
    (data.u8(IFLA_TUN_TYPE) ?? IFF_TUN) |
    (has(IFLA_TUN_PI) ? 0 : IFF_NO_PI) |
    (has(IFLA_TUN_VNET_HDR) ? IFF_VNET_HDR : 0) |
    (has(IFLA_TUN_MULTI_QUEUE) ? IFF_MULTI_QUEUE : 0) |
    (has(IFLA_TUN_PERSIST) ? IFF_PERSIST : 0);
  const attached = attachedTo(ctx, namespace, name);
  if (!attached && !has(IFLA_TUN_PERSIST))
    throw new CriuError(
      'UNSUPPORTED',
      `whoever has the device ${name} of its network namespace open is not dumped, and it ends with them`,
      {},
      `dump them, too, or name the device with --external netdev[${name}] and put it in place before the restore`,
    );
  return {
    type: NdType.TUN,
    ...commonOf(link),
    tun: {
      flags,
      owner: idInside(data.u32(IFLA_TUN_OWNER), (id) => userInside(ctx, id), name),
      group: idInside(data.u32(IFLA_TUN_GROUP), (id) => groupInside(ctx, id), name),
      ...(attached ?? (await look(inside, link, flags))),
    },
  };
}
