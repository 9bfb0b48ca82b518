// Kinds of open files that cannot be dumped: name, reason, and remedy.
import { O_PATH, S_IFSOCK } from '@criu/native/uapi';
import { CriuError } from '../../errors.js';
import { describeFile, type OpenFile } from './open-file.js';

interface Unkept {
  readonly what: string;
  readonly remedy: string;
}

/** By the kernel's name for the anonymous inode, without brackets. */
const ANONYMOUS: Readonly<Record<string, Unkept>> = {
  io_uring: {
    what: 'an io_uring, whose requests only the kernel has',
    remedy: 'have the program use epoll instead (Node: UV_USE_IO_URING=0)',
  },
  userfaultfd: {
    what: 'a userfaultfd, whose monitor alone knows the pages that are missing',
    remedy: 'end what handles page faults in user space before the dump',
  },
  perf_event: {
    what: 'a counter of perf_event_open(2), which counts in the kernel',
    remedy: 'stop the profiler before the dump',
  },
  'bpf-map': {
    what: 'a BPF map',
    remedy: 'close it before the dump, or keep the map outside of the program',
  },
  'bpf-prog': { what: 'a BPF program', remedy: 'close it before the dump; pinned or attached, it stays' },
  bpf_link: { what: 'a BPF program that is attached', remedy: 'pin it and close it before the dump' },
  'landlock-ruleset': {
    what: 'a set of rules of Landlock, which the kernel does not show',
    remedy: 'let the program enforce and close it before the dump',
  },
  'seccomp notify': {
    what: 'the listener of a seccomp filter, which belongs to the filter of running tasks',
    remedy: 'end the supervised tasks before the dump',
  },
  'kvm-vm': { what: 'a virtual machine of KVM', remedy: 'save the machine by the means of its monitor' },
};

/** Address families AF_* of sockets that cannot be dumped. */
const FAMILIES: Readonly<Record<number, string>> = {
  3: 'AF_AX25',
  15: 'AF_KEY',
  21: 'AF_RDS',
  24: 'AF_PPPOX',
  29: 'AF_CAN',
  30: 'AF_TIPC',
  31: 'AF_BLUETOOTH',
  38: 'AF_ALG',
  40: 'AF_VSOCK',
  42: 'AF_QIPCRTR',
  43: 'AF_SMC',
  44: 'AF_XDP',
};

function known(file: OpenFile): Unkept | undefined {
  if (file.flags & O_PATH)
    return {
      what: 'a descriptor that only refers to the file (O_PATH), which has no path to be found again',
      remedy: 'close it before the dump',
    };
  if (file.mode === S_IFSOCK) {
    const { family } = file.socket;
    const name = FAMILIES[family] ?? `of address family ${family}`;
    return {
      what: `a socket ${name}, of which nothing can be kept`,
      remedy: 'close it before the dump, and open it again afterwards',
    };
  }
  if (file.target.kind !== 'anon') return undefined;
  return ANONYMOUS[file.target.name.replace(/^\[(.*)\]$/, '$1')];
}

/** The refusal of a file that no kind supports. */
export function unkept(file: OpenFile): CriuError {
  const { what, remedy } = known(file) ?? {};
  return new CriuError(
    'UNSUPPORTED',
    `cannot dump an open ${describeFile(file)}${what ? `: it is ${what}` : ''}`,
    { pid: file.pid, fd: file.fd },
    remedy ?? 'close it before the dump, or wait for a version that can',
  );
}
