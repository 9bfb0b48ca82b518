// The descriptors of a process as text: the open file, its flags, and its position.
import { describeEnum, type FileEntry } from '@criu/images';
import type { Explorer } from '../explore.js';
import { flagNames, flagsText, ipText, socketNames } from '../hints.js';
import { quotedPrintable } from '../python-text.js';

export interface DescriptorUse {
  readonly fd: number;
  /** Id of the open file. Descriptors with the same id are duplicates. */
  readonly file: number;
  /** In lower case, such as `regular` or `pipe`. */
  readonly type: string;
  readonly what: string;
  /** Such as `O_RDWR | O_APPEND`; empty for a file that is open only for reading. */
  readonly flags: string;
  readonly closeOnExec: boolean;
  readonly position?: bigint;
}

const TYPES: Readonly<Record<string, string>> = {
  REG: 'file',
  INETSK: 'inet socket',
  UNIXSK: 'unix socket',
  PACKETSK: 'packet socket',
  NETLINKSK: 'netlink socket',
  EVENTPOLL: 'epoll',
  NS: 'namespace',
  TUNF: 'tun',
  TTY: 'terminal',
  EXT: 'external',
  BPFMAP: 'bpf map',
};
const FD_CLOEXEC = 1;

export function describeDescriptors(explorer: Explorer, pid: number): DescriptorUse[] {
  const names = new Map([...describeEnum('FdTypes').values].map(([name, value]) => [value, name]));
  const files = explorer.set.files();
  return explorer.set.descriptors(pid).map(({ fd, type, id, flags }): DescriptorUse => {
    const file = files.get(id);
    const name = names.get(type) ?? `type ${type}`;
    const position = file?.reg?.pos ?? file?.memfd?.pos;
    return {
      fd,
      file: id,
      type: TYPES[name] ?? name.toLowerCase(),
      what: (file && words(explorer, file)) ?? explorer.fileText(type, id),
      flags: flagsOf(file),
      closeOnExec: (flags & FD_CLOEXEC) !== 0,
      ...(position === undefined ? {} : { position }),
    };
  });
}

function flagsOf(file: FileEntry | undefined): string {
  if (file === undefined) return '';
  const of = Object.values(file).find(
    (value): value is { flags: number } => typeof value?.flags === 'number',
  );
  return of === undefined ? '' : flagsText(of.flags, flagNames['rfile.flags'] ?? []);
}

function words(explorer: Explorer, file: FileEntry): string | undefined {
  const { isk, usk, efd, epfd, memfd, tfd, sgfd, ify, ffy, tty, nlsk, psk, tunf, pidfd, fifo } = file;
  if (isk !== undefined) {
    const show = (address: readonly number[], port: number) => {
      const ip = ipText(address) ?? '?';
      return `${ip.includes(':') ? `[${ip}]` : ip}:${port}`;
    };
    const proto = socketNames['proto']?.[isk.proto] ?? `protocol ${isk.proto}`;
    const local = `${proto} ${show(isk.src_addr, isk.src_port)}`;
    return isk.dst_port === 0 ? local : `${local} → ${show(isk.dst_addr, isk.dst_port)}`;
  }
  if (usk !== undefined) {
    const name = usk.name[0] === 0 ? `@${quotedPrintable(usk.name.subarray(1))}` : quotedPrintable(usk.name);
    const type = socketNames['type']?.[usk.type] ?? `type ${usk.type}`;
    return [type, name, `#${usk.ino}`, usk.peer === 0 ? '' : `→ #${usk.peer}`].filter(Boolean).join(' ');
  }
  if (efd !== undefined) return `counter at ${efd.counter}`;
  if (epfd !== undefined) return targets(epfd.tfd.map((target) => target.tfd));
  if (memfd !== undefined) {
    const inodes = explorer.set.has('MEMFD_INODE') ? explorer.set.entries('MEMFD_INODE') : [];
    return inodes.find((inode) => inode.inode_id === BigInt(memfd.inode_id))?.name;
  }
  if (tfd !== undefined) return tfd.vsec + tfd.vnsec === 0n ? 'not armed' : 'armed';
  if (sgfd !== undefined) return `signals 0x${sgfd.sigmask.toString(16)}`;
  if (ify !== undefined) return count(ify.wd.length, 'watch', 'watches');
  if (ffy !== undefined) return count(ffy.mark.length, 'mark', 'marks');
  if (tty !== undefined) return `terminal ${tty.tty_info_id}`;
  if (nlsk !== undefined) return `protocol ${nlsk.protocol}`;
  if (psk !== undefined) return `protocol ${psk.protocol}`;
  if (tunf !== undefined) return tunf.netdev === '' ? undefined : tunf.netdev;
  if (pidfd !== undefined) return `process ${pidfd.nspid}`;
  if (fifo !== undefined) return explorer.path(file.id) || `fifo[${fifo.pipe_id}]`;
  return undefined;
}

function targets(fds: readonly number[]): string {
  if (fds.length === 0) return 'watches nothing';
  return `watches ${fds.slice(0, 8).join(', ')}${fds.length > 8 ? ` and ${fds.length - 8} more` : ''}`;
}

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;
