// Kernel features for files, descriptors, terminals, mounts and namespaces.
import { type SysArg, type SyscallName, sysRaw } from '@criu/native';
import { existsSync, readFileSync } from '@criu/native/fs';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  CLONE_NEWNS,
  EBADF,
  EIO,
  EPOLLIN,
  epoll_event,
  F_GETOWNER_UIDS,
  IN_CREATE,
  KCMP_EPOLL_TFD,
  kcmp_epoll_slot,
  MAP_SHARED,
  MOVE_MOUNT_SET_GROUP,
  MS_REC,
  MS_SLAVE,
  mount_attr,
  open_how,
  PROT_READ,
  SFD_CLOEXEC,
  stat,
  TFD_IOC_SET_TICKS,
  TIOCGPTN,
  TIOCSPTLCK,
} from '@criu/native/uapi';
import {
  accessible,
  call,
  type Feature,
  inChild,
  Steps,
  steps,
  type Verdict,
  withFd,
  withFile,
} from './kit.js';

function fdinfo(fd: number): string {
  return readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
}

/** Checks that the fdinfo of a descriptor of this kind has these words. */
function fdinfoHas(name: SyscallName, args: readonly SysArg[], words: string): Verdict {
  return withFd(name, sysRaw(name, ...args), (fd) =>
    fdinfo(fd).includes(words) ? null : `fdinfo of ${name} lacks "${words}"`,
  );
}

/** Creates an epoll that watches an eventfd. */
function epoll(use: (epoll: number, watched: number) => Verdict): Verdict {
  return withFd('epoll_create1', sysRaw('epoll_create1', 0o2000000), (ep) =>
    withFd('eventfd2', sysRaw('eventfd2', 0, 0o2000000), (watched) => {
      const event = Buffer.alloc(epoll_event.sizeof);
      event.writeUInt32LE(EPOLLIN, epoll_event.events);
      return call('epoll_ctl', [ep, 1, watched, event]) ?? use(ep, watched);
    }),
  );
}

function inotify(): Verdict {
  return withFd('inotify_init1', sysRaw('inotify_init1', 0o2000000), (fd) => {
    const watch = sysRaw('inotify_add_watch', fd, Buffer.from('/\0'), IN_CREATE);
    if (watch < 0) return call('inotify_add_watch', [fd, Buffer.from('/\0'), IN_CREATE]);
    return fdinfo(fd).includes(`inotify wd:${watch.toString(16)} `) ? null : 'fdinfo does not tell the watch';
  });
}

/** A locked pseudoterminal must not be opened. */
function ptyLock(): Verdict {
  return withFile('/dev/ptmx', 'r+', (master) => {
    const bad = call('ioctl', [master, TIOCSPTLCK, new Int32Array([1])]);
    if (bad) return bad;
    const number = new Int32Array(1);
    const named = call('ioctl', [master, TIOCGPTN, number]);
    if (named) return named;
    const slave = sysRaw('openat', AT_FDCWD, Buffer.from(`/dev/pts/${number[0]}\0`), 0o402, 0);
    if (slave === -EIO) return null;
    return slave >= 0
      ? withFd('pty', slave, () => 'a locked pseudo terminal could be opened')
      : call('openat', [AT_FDCWD, Buffer.from(`/dev/pts/${number[0]}\0`), 0o402, 0]);
  });
}

/** A mapped file of an overlay must have the same device and inode in /proc/PID/maps as in fstat(2). */
async function overlayMaps(): Promise<Verdict> {
  return inChild(async (agent) => {
    const s = new Steps();
    const p = s.program;
    const dir = (name: string) => s.syscall('mkdir', [p.cstring(name), 0o755]);
    const mount = (source: string, target: string, type: string, flags: number, data?: string) =>
      s.syscall('mount', [
        p.cstring(source),
        p.cstring(target),
        p.cstring(type),
        flags,
        data === undefined ? 0 : p.cstring(data),
      ]);
    s.syscall('unshare', [CLONE_NEWNS]);
    mount('none', '/', 'none', MS_REC | MS_SLAVE);
    mount('probe', '/tmp', 'tmpfs', 0);
    for (const name of ['/tmp/l', '/tmp/u', '/tmp/w', '/tmp/m']) dir(name);
    mount('probe', '/tmp/m', 'overlay', 0, 'lowerdir=/tmp/l,upperdir=/tmp/u,workdir=/tmp/w');
    const file = s.syscall('openat', [AT_FDCWD, p.cstring('/tmp/m/f'), 0o102, 0o600]);
    const status = p.out(stat.sizeof);
    s.syscall('fstat', [file, status]);
    const at = s.syscall('mmap', [0, 4096, PROT_READ, MAP_SHARED, file, 0]);
    const result = await agent.run(p);
    const bad = s.judge(result);
    if (bad) return bad;
    const device = result.bytes(status).readUInt32LE(stat.st_dev);
    const inode = result.bytes(status).readBigUInt64LE(stat.st_ino);
    const line = readFileSync(`/proc/${agent.pid}/maps`, 'latin1')
      .split('\n')
      .find((l) => l.startsWith(`${result.big(at).toString(16)}-`));
    const [, , , dev, ino] = line?.split(/ +/) ?? [];
    const hex = (n: number) => n.toString(16).padStart(2, '0');
    const expected = `${hex((device >> 8) & 0xfff)}:${hex(device & 0xff)}`;
    return dev === expected && BigInt(ino ?? 0) === inode
      ? null
      : `a mapped file is ${dev} inode ${ino} in maps, ${expected} inode ${inode} by fstat()`;
  });
}

/** mountinfo must have the inode of an autofs mount's pipe, and the control device must accept a new daemon. */
function automounts(): Promise<Verdict> {
  return inChild(async (agent) => {
    const s = new Steps();
    const p = s.program;
    const ends = p.data(8);
    s.syscall('unshare', [CLONE_NEWNS]);
    s.syscall('mount', [p.cstring('none'), p.cstring('/'), 0, MS_REC | MS_SLAVE, 0]);
    s.syscall('pipe2', [ends, 0]);
    s.syscall('dup3', [p.load32(p.at(ends, 4)), 900, 0]);
    const options = 'fd=900,minproto=5,maxproto=5,direct';
    const words = ['probe', '/tmp', 'autofs'].map((word) => p.cstring(word));
    s.syscall('mount', [...words, 0, p.cstring(options)]);
    s.syscall('openat', [AT_FDCWD, p.cstring('/dev/autofs'), 0]);
    const bad = s.judge(await agent.run(p));
    if (bad) return bad;
    const shown = readFileSync(`/proc/${agent.pid}/mountinfo`, 'latin1').includes(',pipe_ino=');
    return shown ? null : 'mountinfo does not tell the pipe of an autofs';
  });
}

const APPARMOR = '/sys/kernel/security/apparmor';

/** AppArmor must have stacks of profiles (version 1.2 of `domain`), and keep the policies that were loaded. */
function apparmorPolicies(): Verdict {
  const read = (file: string): string => readFileSync(`${APPARMOR}/${file}`, 'latin1').trim();
  try {
    if (read('features/domain/stack') !== 'yes') return 'profiles are not stacked';
    const [major = 0, minor = 0] = read('features/domain/version').split('.').map(Number);
    if (major < 1 || (major === 1 && minor < 2)) return `domains have version ${major}.${minor}`;
    // A missing parameter means that this kernel always keeps them.
    const kept = '/sys/module/apparmor/parameters/export_binary';
    return existsSync(kept) && readFileSync(kept, 'latin1').trim() !== 'Y'
      ? 'policies are not kept (export_binary)'
      : null;
  } catch (error) {
    return (error as Error).message;
  }
}

export const FILE_FEATURES: readonly Feature[] = [
  {
    name: 'fcntl_owner_uids',
    category: 'required',
    what: 'fcntl(F_GETOWNER_UIDS) tells who set the owner of a descriptor',
    without: 'no dump of descriptors that have an owner (F_SETOWN)',
    probe: () =>
      withFile('/proc/self/comm', 'r', (fd) => call('fcntl', [fd, F_GETOWNER_UIDS, Buffer.alloc(8)])),
  },
  {
    name: 'fdinfo',
    category: 'required',
    what: '/proc/PID/fdinfo tells the state of eventfd, epoll, signalfd and inotify',
    without: 'no dump of such descriptors',
    probe: () =>
      fdinfoHas('eventfd2', [13, 0o2000000], 'eventfd-count:') ??
      epoll((ep, watched) =>
        new RegExp(`^tfd: +${watched} `, 'm').test(fdinfo(ep))
          ? null
          : 'fdinfo does not tell what is watched',
      ) ??
      fdinfoHas('signalfd4', [-1, Buffer.alloc(8), 8, SFD_CLOEXEC], 'sigmask:') ??
      inotify(),
  },
  {
    name: 'tty',
    category: 'required',
    what: 'pseudo terminals can be locked',
    without: 'no dump and no restore of pseudo terminals',
    probe: ptyLock,
  },
  {
    name: 'ipc_next_id',
    category: 'required',
    privileged: true,
    what: '/proc/sys/kernel/sem_next_id gives System V objects the ids they had',
    without: 'no restore of IPC namespaces with System V objects',
    probe: () => accessible('/proc/sys/kernel/sem_next_id', 6),
  },
  {
    name: 'mnt_id',
    category: 'extra',
    what: 'fdinfo tells the mount of a file',
    without: 'no dump',
    probe: () => fdinfoHas('openat', [AT_FDCWD, Buffer.from('/\0'), 0], 'mnt_id:'),
  },
  {
    name: 'timerfd',
    category: 'extra',
    what: 'expirations of a timerfd can be set',
    without: 'no restore of timerfds that have expired and were not read',
    probe: () =>
      withFd('timerfd_create', sysRaw('timerfd_create', 1, 0o2004000), (fd) => {
        const ticks = Buffer.alloc(8);
        ticks.writeBigUInt64LE(1n);
        return call('ioctl', [fd, TFD_IOC_SET_TICKS, ticks]);
      }),
  },
  {
    name: 'fdinfo_lock',
    category: 'extra',
    what: 'fdinfo tells file locks',
    without: 'no dump of tasks that hold locks (--file-locks)',
    probe: () =>
      withFile('/proc/locks', 'r', (fd) => {
        const bad = call('flock', [fd, 1]);
        return bad ?? (fdinfo(fd).includes('lock:') ? null : 'fdinfo does not tell locks');
      }),
  },
  {
    name: 'kcmp_epoll',
    category: 'extra',
    what: 'kcmp() tells which file an epoll watches',
    without: 'no dump of an epoll that watches something',
    probe: () =>
      epoll((ep, watched) => {
        const slot = Buffer.alloc(kcmp_epoll_slot.sizeof);
        slot.writeUInt32LE(ep, kcmp_epoll_slot.efd);
        slot.writeUInt32LE(watched, kcmp_epoll_slot.tfd);
        return call('kcmp', [process.pid, process.pid, KCMP_EPOLL_TFD, watched, slot]);
      }),
  },
  {
    name: 'openat2',
    category: 'extra',
    what: 'openat2() opens files without following links out of a directory',
    without: 'no restore of mount namespaces: no containers',
    probe: () =>
      withFd(
        'openat2',
        sysRaw('openat2', AT_FDCWD, Buffer.from('/\0'), Buffer.alloc(open_how.sizeof), open_how.sizeof),
        () => null,
      ),
  },
  {
    name: 'move_mount_set_group',
    category: 'extra',
    what: 'move_mount(MOVE_MOUNT_SET_GROUP) restores sharing of mounts',
    without: 'no restore of mounts that share with those outside of the namespace',
    // The kernel checks flags before descriptors, so EBADF means that the flag is known.
    probe: () =>
      call('move_mount', [-1, Buffer.from('x\0'), -1, Buffer.from('x\0'), MOVE_MOUNT_SET_GROUP], [EBADF]),
  },
  {
    name: 'mount_setattr',
    ours: true,
    category: 'extra',
    what: 'mount_setattr() sets flags and propagation of a mount',
    without: 'no restore of mount namespaces: no containers',
    // With an invalid descriptor no attribute is changed.
    probe: () =>
      call(
        'mount_setattr',
        [-1, Buffer.from('\0'), AT_EMPTY_PATH, Buffer.alloc(mount_attr.sizeof), mount_attr.sizeof],
        [EBADF],
      ),
  },
  {
    name: 'overlayfs_maps',
    category: 'extra',
    what: 'mapped files of overlay file systems are told by their own device and inode',
    without: 'mapped files of overlay file systems may be taken for changed ones',
    probe: overlayMaps,
  },
  {
    name: 'cgroupns',
    category: 'extra',
    what: 'cgroup namespaces',
    without: 'no restore of containers with a cgroup namespace',
    probe: () => accessible('/proc/self/ns/cgroup', 0),
  },
  {
    name: 'userns',
    category: 'extra',
    what: 'user namespaces',
    without: 'no restore of containers with a user namespace',
    probe: () =>
      accessible('/proc/self/ns/user', 0) ??
      steps((s) => void s.syscall('prctl', [35, 15, s.program.out(8), 0, 0])),
  },
  {
    name: 'ns_pid',
    category: 'extra',
    what: '/proc/PID/status tells the pids of a task in all its namespaces',
    without: 'no dump of tasks in a pid namespace',
    probe: () => (readFileSync('/proc/self/status', 'latin1').includes('\nNSpid:') ? null : 'no NSpid line'),
  },
  {
    name: 'timens',
    category: 'extra',
    what: 'time namespaces',
    without: 'clocks of restored tasks are those of the machine',
    probe: () => accessible('/proc/self/timens_offsets', 0),
  },
  {
    name: 'apparmor_stacking',
    category: 'named',
    what: 'AppArmor profiles of containers with policies of their own',
    without: 'no dump of such containers',
    privileged: true,
    probe: apparmorPolicies,
  },
  {
    name: 'autofs',
    category: 'experimental',
    what: 'autofs mounts',
    without: 'no dump and no restore of such mounts',
    privileged: true,
    probe: automounts,
  },
];
