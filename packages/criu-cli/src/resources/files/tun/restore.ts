// tun(4): opened again, and attached to its device, which exists by then.
import type { LateRef, Program } from '@criu/compel';
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
import { numberFrom, setOwner } from '../common.js';
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

const flagsFile = (name: string) => `/sys/class/net/${name}/tun_flags`;

/** Flags of an existing device in our network namespace. @throws CriuError if there is none of that name */
function flagsOfDevice(name: string): number {
  const file = flagsFile(name);
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

const flagsToAsk = (flags: number) => flags & 0xffff & ~IFF_PERSIST;

function attach(p: Program, fd: number, name: string, flags: number | LateRef): void {
  const bytes = Buffer.alloc(ifreq.sizeof);
  encodeName(name).copy(bytes);
  const request = p.data(bytes);
  p.poke(p.at(request, ifreq.ifr_flags), flags, 2);
  p.syscall('ioctl', [fd, TUNSETIFF, request], { label: `attach to ${name}` });
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
      const later = () =>
        numberFrom(ctx, flagsFile(netdev), `flags of ${netdev}`, () => flagsToAsk(flagsOfDevice(netdev)));
      attach(p, fd, netdev, link === undefined ? later() : flagsToAsk(link));
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
