// Capabilities of this process (capabilities(7)), and the capabilities that system calls need.
import { ProgramError } from '@criu/compel';
import { SysError } from '@criu/native';
import { readFileSync } from '@criu/native/fs';
import {
  CAP_AUDIT_CONTROL,
  CAP_CHECKPOINT_RESTORE,
  CAP_CHOWN,
  CAP_DAC_OVERRIDE,
  CAP_DAC_READ_SEARCH,
  CAP_IPC_LOCK,
  CAP_LEASE,
  CAP_MKNOD,
  CAP_NET_ADMIN,
  CAP_NET_BIND_SERVICE,
  CAP_NET_RAW,
  CAP_SETGID,
  CAP_SETPCAP,
  CAP_SETUID,
  CAP_SYS_ADMIN,
  CAP_SYS_CHROOT,
  CAP_SYS_NICE,
  CAP_SYS_PTRACE,
  CAP_SYS_RESOURCE,
} from '@criu/native/uapi';

/** Numbers of the capabilities that something here asks about. */
const CAPABILITIES = {
  CAP_CHOWN,
  CAP_DAC_OVERRIDE,
  CAP_DAC_READ_SEARCH,
  CAP_SETGID,
  CAP_SETUID,
  CAP_SETPCAP,
  CAP_NET_BIND_SERVICE,
  CAP_NET_ADMIN,
  CAP_NET_RAW,
  CAP_IPC_LOCK,
  CAP_SYS_CHROOT,
  CAP_SYS_PTRACE,
  CAP_SYS_ADMIN,
  CAP_SYS_NICE,
  CAP_SYS_RESOURCE,
  CAP_MKNOD,
  CAP_LEASE,
  CAP_AUDIT_CONTROL,
  CAP_CHECKPOINT_RESTORE,
} as const;
export type CapabilityName = keyof typeof CAPABILITIES;

function effective(): bigint {
  const held = /^CapEff:\s+([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0';
  return BigInt(`0x${held}`);
}

/** Whether this process, and thus its agents, have a capability. */
export function holds(name: CapabilityName): boolean {
  return ((effective() >> BigInt(CAPABILITIES[name])) & 1n) === 1n;
}

/** The capabilities among `names` that this process does not have. */
export function lacking(names: readonly CapabilityName[]): CapabilityName[] {
  const held = effective();
  return names.filter((name) => ((held >> BigInt(CAPABILITIES[name])) & 1n) === 0n);
}

/** The capability that each system call of a dump or restore needs. */
const TAKES: Readonly<Record<string, CapabilityName>> = {
  bind: 'CAP_NET_BIND_SERVICE',
  chroot: 'CAP_SYS_CHROOT',
  clone3: 'CAP_CHECKPOINT_RESTORE',
  fanotify_init: 'CAP_SYS_ADMIN',
  fchown: 'CAP_CHOWN',
  fchownat: 'CAP_CHOWN',
  fsconfig: 'CAP_SYS_ADMIN',
  fsmount: 'CAP_SYS_ADMIN',
  fsopen: 'CAP_SYS_ADMIN',
  ioprio_set: 'CAP_SYS_ADMIN',
  kcmp: 'CAP_SYS_PTRACE',
  mknodat: 'CAP_MKNOD',
  mlockall: 'CAP_IPC_LOCK',
  mount: 'CAP_SYS_ADMIN',
  mount_setattr: 'CAP_SYS_ADMIN',
  move_mount: 'CAP_SYS_ADMIN',
  open_by_handle_at: 'CAP_DAC_READ_SEARCH',
  open_tree: 'CAP_SYS_ADMIN',
  pidfd_getfd: 'CAP_SYS_PTRACE',
  pivot_root: 'CAP_SYS_ADMIN',
  prlimit64: 'CAP_SYS_RESOURCE',
  process_vm_readv: 'CAP_SYS_PTRACE',
  process_vm_writev: 'CAP_SYS_PTRACE',
  ptrace: 'CAP_SYS_PTRACE',
  sched_setaffinity: 'CAP_SYS_NICE',
  sched_setattr: 'CAP_SYS_NICE',
  sched_setscheduler: 'CAP_SYS_NICE',
  seccomp: 'CAP_SYS_ADMIN',
  setdomainname: 'CAP_SYS_ADMIN',
  setgroups: 'CAP_SETGID',
  sethostname: 'CAP_SYS_ADMIN',
  setns: 'CAP_SYS_ADMIN',
  setpriority: 'CAP_SYS_NICE',
  setresgid: 'CAP_SETGID',
  setresuid: 'CAP_SETUID',
  setsockopt: 'CAP_NET_ADMIN',
  socket: 'CAP_NET_RAW',
  unshare: 'CAP_SYS_ADMIN',
};

/** The capability that a system call needs and this process lacks; undefined if none is known. */
export function lackedByCall(call: string): CapabilityName | undefined {
  const name = TAKES[call];
  return name === undefined ? undefined : lacking([name])[0];
}

/** The capability that the label of a step says it needs. */
function capabilityIn(label = ''): CapabilityName | undefined {
  const [, name = ''] = /\bneeds (CAP_[A-Z_]+)$/.exec(label) ?? [];
  return isCapability(name) ? name : undefined;
}

function isCapability(name: string): name is CapabilityName {
  return Object.hasOwn(CAPABILITIES, name);
}

/** The same for an error of a system call, or one that was caused by it. */
export function lackedFor(cause: unknown): CapabilityName | undefined {
  for (let e: unknown = cause; e instanceof Error; e = e.cause) {
    const call = e instanceof SysError ? e.syscall : e instanceof ProgramError ? e.call : undefined;
    // One call may need different ones: ptrace(2) takes CAP_SYS_ADMIN to suspend seccomp.
    const named = e instanceof ProgramError ? capabilityIn(e.label) : undefined;
    if (named !== undefined) return lacking([named])[0];
    if (call !== undefined && TAKES[call] !== undefined) return lackedByCall(call);
  }
  return undefined;
}
