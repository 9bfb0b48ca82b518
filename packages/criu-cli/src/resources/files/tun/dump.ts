import { decodeCString, ioctlInt, sysRaw } from '@criu/native';
import {
  EBADFD,
  IFF_DETACH_QUEUE,
  IFF_PERSIST,
  IFF_TAP,
  IFNAMSIZ,
  ifreq,
  S_IFCHR,
  sock_fprog,
  TUNGETFILTER,
  TUNGETIFF,
  TUNGETSNDBUF,
  TUNGETVNETHDRSZ,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { stateKey } from '../../../states.js';
import type { Namespace } from '../../../views/namespaces.js';
import { networkOf } from '../../../views/networks.js';
import type { FileDump } from '../kind.js';
import { major, minor, type OpenFile } from '../open-file.js';
import { dumpRegular, pathFileOf } from '../regular/dump.js';
import { TUN_RDEV } from './numbers.js';

interface Device {
  readonly name: string;
  readonly flags: number;
}

function refuse(file: OpenFile, reason: string, remedy?: string): never {
  throw new CriuError('UNSUPPORTED', `tun: ${reason}`, { pid: file.pid, fd: file.fd }, remedy);
}

/** The device of a descriptor; undefined if it is not attached. */
function deviceOf(file: OpenFile): Device | undefined {
  const request = Buffer.alloc(ifreq.sizeof);
  const result = sysRaw('ioctl', file.local, TUNGETIFF, request);
  if (result === -EBADFD) return undefined;
  if (result < 0) refuse(file, `cannot find its device (errno ${-result})`);
  return { name: decodeCString(request.subarray(0, IFNAMSIZ)), flags: request.readUInt16LE(ifreq.ifr_flags) };
}

interface Attached {
  readonly sndbuf: number;
  readonly vnethdr: number;
}

/** Settings of devices to which files are attached, by network namespace and name. */
const attached = stateKey('devices of tun files', (_: DumpContext) => new Map<string, Attached>());

/** Settings of a device that only an attached file can read; undefined if no file is attached. */
export function attachedTo(ctx: DumpContext, { inode }: Namespace, name: string): Attached | undefined {
  return ctx.states.get(attached).get(`${inode}:${name}`);
}

function setting({ local }: OpenFile, request: number): number {
  return ioctlInt(local, request);
}

/** @throws CriuError for a device that cannot be restored */
function check(file: OpenFile, { name, flags }: Device, network: Namespace): void {
  if (network.host && !(flags & IFF_PERSIST))
    refuse(
      file,
      `the device ${name} ends with its last descriptor, and its addresses and routes are not in the dump`,
      `have it stay (TUNSETPERSIST), or run the program in a network namespace of its own`,
    );
  const filter = Buffer.alloc(sock_fprog.sizeof);
  if (
    flags & IFF_TAP &&
    sysRaw('ioctl', file.local, TUNGETFILTER, filter) === 0 &&
    filter.readUInt16LE(sock_fprog.len)
  )
    refuse(file, `the device ${name} has a packet filter, which the kernel does not give away`);
}

export const tunDump: FileDump = {
  matches: ({ mode, stat }) =>
    mode === S_IFCHR && major(stat.rdev) === TUN_RDEV.major && minor(stat.rdev) === TUN_RDEV.minor,
  dump(ctx, task, file, id) {
    const device = deviceOf(file);
    const network = networkOf(ctx, task, file.local);
    if (device) {
      check(file, device, network);
      ctx.states.get(attached).set(`${network.inode}:${device.name}`, {
        sndbuf: setting(file, TUNGETSNDBUF),
        vnethdr: setting(file, TUNGETVNETHDRSZ),
      });
    }
    // The path of the file is an entry of another type with the same id.
    dumpRegular(ctx, id, pathFileOf(file));
    return {
      tunf: {
        id,
        ...(device ? { netdev: device.name } : {}),
        ...(device && device.flags & IFF_DETACH_QUEUE ? { detached: true } : {}),
        ns_id: network.id,
      },
    };
  },
};
