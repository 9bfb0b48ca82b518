import { close, decodeCString, sysRaw } from '@criu/native';
import { fstatSync, statSync } from '@criu/native/fs';
import { EBADFD, SIOCGSKNS } from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import type { FileDump } from '../kind.js';
import { major, minor, type OpenFile, S_IFCHR } from '../open-file.js';
import { dumpRegular, pathFileOf } from '../regular/dump.js';
import { IFF, IFREQ, TUN, TUN_RDEV } from './numbers.js';

interface Device {
  readonly name: string;
  readonly flags: number;
}

function refuse(file: OpenFile, reason: string, remedy?: string): never {
  throw new CriuError('UNSUPPORTED', `tun: ${reason}`, { pid: file.pid, fd: file.fd }, remedy);
}

/** The device of a descriptor; undefined while it has none. */
function deviceOf(file: OpenFile): Device | undefined {
  const request = Buffer.alloc(IFREQ.size);
  const result = sysRaw('ioctl', file.local, TUN.GETIFF, request);
  if (result === -EBADFD) return undefined;
  if (result < 0) refuse(file, `cannot find its device (errno ${-result})`);
  return { name: decodeCString(request.subarray(0, IFREQ.name)), flags: request.readUInt16LE(IFREQ.flags) };
}

/** Whether it is in the network namespace of its task, and whether that is ours. */
function namespaceOf(file: OpenFile): { ofTask: boolean; ofHost: boolean } {
  const fd = sysRaw('ioctl', file.local, SIOCGSKNS);
  if (fd < 0) return { ofTask: true, ofHost: true };
  try {
    const { ino } = fstatSync(fd, { bigint: true });
    const is = (pid: number | string) => statSync(`/proc/${pid}/ns/net`, { bigint: true }).ino === ino;
    return { ofTask: is(file.pid), ofHost: is('self') };
  } finally {
    close(fd);
  }
}

/** @throws CriuError for what restore could not bring back */
function check(file: OpenFile, { name, flags }: Device): void {
  const { ofTask, ofHost } = namespaceOf(file);
  if (!ofTask) refuse(file, `its device ${name} is in another network namespace`);
  if (ofHost && !(flags & IFF.PERSIST))
    refuse(
      file,
      `the device ${name} ends with its last descriptor, and its addresses and routes are not in the dump`,
      `have it stay (TUNSETPERSIST), or run the program in a network namespace of its own`,
    );
  const filter = Buffer.alloc(16);
  if (flags & IFF.TAP && sysRaw('ioctl', file.local, TUN.GETFILTER, filter) === 0 && filter.readUInt16LE(0))
    refuse(file, `the device ${name} has a packet filter, which the kernel does not give away`);
}

export const tunDump: FileDump = {
  matches: ({ mode, stat }) =>
    mode === S_IFCHR && major(stat.rdev) === TUN_RDEV.major && minor(stat.rdev) === TUN_RDEV.minor,
  dump(ctx, task, file, id) {
    const device = deviceOf(file);
    if (device) check(file, device);
    // The file is found by the id of the descriptor's entry, of another type.
    dumpRegular(ctx, id, pathFileOf(file));
    return {
      tunf: {
        id,
        ...(device ? { netdev: device.name } : {}),
        ...(device && device.flags & IFF.DETACH_QUEUE ? { detached: true } : {}),
        ns_id: task.ids.net_ns_id ?? 0,
      },
    };
  },
};
