// tun(4): opened again, and attached to its device, which exists by then.
import type { Program } from '@criu/compel';
import { encodeName } from '@criu/native';
import { readFileSync } from '@criu/native/fs';
import {
  IFF_DETACH_QUEUE,
  IFF_PERSIST,
  ifreq,
  TUNSETIFF,
  TUNSETPERSIST,
  TUNSETQUEUE,
} from '@criu/native/uapi';
import type { PlanContext } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { TunfileEntry } from '../../../images/types.js';
import { inNetwork } from '../../../views/planned-networks.js';
import { setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';
import { openRegular } from '../regular/restore.js';

function badName(name: string): boolean {
  // dev_valid_name() of the kernel checks bytes, and counts 0xa0 as a space.
  const bytes = encodeName(name).toString('latin1');
  return !/^[^/:\0\t-\r \xa0]{1,15}$/.test(bytes) || /^\.\.?$/.test(bytes);
}

/** Flags of the device's link in the images of its network namespace. */
function flagsOfLink(ctx: PlanContext, { netdev, ns_id }: TunfileEntry): number | undefined {
  if (ns_id === undefined) return undefined;
  const links = ctx.checkpoint.images.optional('NETDEV', ns_id);
  return links.find(({ entry }) => entry.name === netdev)?.entry.tun?.flags;
}

/** Flags of an existing device in our network namespace. @throws CriuError if there is none of that name */
function flagsOfDevice(name: string): number {
  const file = `/sys/class/net/${name}/tun_flags`;
  try {
    return Number(readFileSync(file, 'latin1'));
  } catch (error) {
    throw new CriuError(
      'FILE_CHANGED',
      `the network device ${name} that a task was attached to is not there, or is no tun`,
      { file },
      `make it as it was, to stay: ip tuntap add dev ${name} mode tun`,
      error,
    );
  }
}

function attach(p: Program, fd: number, name: string, flags: number): void {
  const request = Buffer.alloc(ifreq.sizeof);
  encodeName(name).copy(request);
  request.writeUInt16LE(flags & 0xffff & ~IFF_PERSIST, ifreq.ifr_flags);
  p.syscall('ioctl', [fd, TUNSETIFF, p.data(request)], { label: `attach to ${name}` });
}

export const tunRestore: FileRestore<'tunf'> = {
  make({ ctx, plan, temp }, [entry]) {
    const { tunf, reg } = entry;
    const { id, netdev, detached } = tunf;
    if (!reg) throw new CriuError('BAD_IMAGE', `tun file ${id} has no path`, { file: 'files.img' });
    const fd = temp(id);
    // The file belongs to the network namespace in which it is opened.
    inNetwork(ctx, plan, 'files', tunf.ns_id, () => {
      openRegular(ctx, plan, reg, fd);
    });
    const p = plan.program('files');
    if (netdev !== undefined) {
      if (badName(netdev))
        throw new CriuError('BAD_IMAGE', `${JSON.stringify(netdev)} is no name of a network device`, {
          file: 'files.img',
        });
      const link = flagsOfLink(ctx, tunf);
      attach(p, fd, netdev, link ?? (ctx.onPaper ? 0 : flagsOfDevice(netdev)));
      if (detached) {
        const request = Buffer.alloc(ifreq.sizeof);
        request.writeUInt16LE(IFF_DETACH_QUEUE, ifreq.ifr_flags);
        p.syscall('ioctl', [fd, TUNSETQUEUE, p.data(request)], { label: `detach the queue of ${netdev}` });
      }
      // The device was created as persistent until a descriptor is attached.
      if (link !== undefined && !(link & IFF_PERSIST))
        p.syscall('ioctl', [fd, TUNSETPERSIST, 0], { label: `${netdev} ends with its last descriptor` });
    }
    setOwner(p, fd, reg.fown);
  },
};
