// Creates tun(4) devices by a descriptor of /dev/net/tun, as persistent until a file is attached again.

import type { Program } from '@criu/compel';
import { NdType } from '@criu/images';
import { encodeName } from '@criu/native';
import {
  AT_FDCWD,
  IFF_DETACH_QUEUE,
  IFF_PERSIST,
  IFNAMSIZ,
  ifreq,
  O_RDWR,
  TUNSETGROUP,
  TUNSETIFF,
  TUNSETIFINDEX,
  TUNSETOWNER,
  TUNSETPERSIST,
  TUNSETSNDBUF,
  TUNSETVNETHDRSZ,
} from '@criu/native/uapi';
import type { PlanContext } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { NetDeviceEntry, TunLinkEntry } from '../../../images/types.js';
import { agentIds, ownerOutside } from '../../../views/planned-users.js';
import { TUN_PATH } from '../../files/tun/numbers.js';
import type { Insider, OpenNetwork } from './network.js';

const NOBODY = -1;

/** User and group of a device in ids of this process; no owner stays no owner. */
function ownersOf(
  ctx: PlanContext,
  { owner, group }: TunLinkEntry,
  file: string,
): { owner: number; group: number } {
  const { uid, gid } = agentIds(ctx);
  const outside = ownerOutside(
    ctx,
    { uid: owner === NOBODY ? uid : owner, gid: group === NOBODY ? gid : group },
    file,
  );
  return {
    owner: owner === NOBODY ? NOBODY : outside.uid,
    group: group === NOBODY ? NOBODY : outside.gid,
  };
}

function make(ctx: PlanContext, p: Program, { name, ifindex, tun }: NetDeviceEntry, file: string): void {
  if (!tun) throw new CriuError('BAD_IMAGE', `the device ${name} is a tun without its settings`, { file });
  const label = `device ${name}`;
  const { owner, group } = ownersOf(ctx, tun, file);
  const fd = p.syscall('openat', [AT_FDCWD, p.cstring(TUN_PATH), O_RDWR], { label: TUN_PATH });
  p.syscall('ioctl', [fd, TUNSETIFINDEX, p.i32(ifindex)], { label: `index of ${name}` });
  const request = Buffer.alloc(ifreq.sizeof);
  encodeName(name).copy(request, 0, 0, IFNAMSIZ - 1);
  request.writeUInt16LE(tun.flags & 0xffff & ~(IFF_PERSIST | IFF_DETACH_QUEUE), ifreq.ifr_flags);
  p.syscall('ioctl', [fd, TUNSETIFF, p.data(request)], { label });
  if (owner !== NOBODY) p.syscall('ioctl', [fd, TUNSETOWNER, owner], { label: `owner of ${name}` });
  if (group !== NOBODY) p.syscall('ioctl', [fd, TUNSETGROUP, group], { label: `group of ${name}` });
  p.syscall('ioctl', [fd, TUNSETSNDBUF, p.i32(tun.sndbuf)], { label: `send buffer of ${name}` });
  p.syscall('ioctl', [fd, TUNSETVNETHDRSZ, p.i32(tun.vnethdr)], { label: `header size of ${name}` });
  p.syscall('ioctl', [fd, TUNSETPERSIST, 1], { label: `have ${name} stay` });
  p.syscall('close', [fd]);
}

/** Creates all tun devices of a namespace. @throws CriuError, ProgramError */
export async function makeTun(insider: Insider, network: OpenNetwork): Promise<void> {
  const devices = network.devices.filter(({ type }) => type === NdType.TUN);
  if (devices.length === 0) return;
  await insider.run(network, (p) => {
    for (const device of devices) make(network.ctx, p(), device, network.file);
  });
}
