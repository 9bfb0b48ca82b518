// Kernel features for processes: tracing, identities, signals, timers, seccomp.
import { Agent, Program } from '@criu/compel';
import { addon, close, SysError, sysRaw } from '@criu/native';
import { readFileSync } from '@criu/native/fs';
import {
  AT_FDCWD,
  BPF_RET,
  CLONE_NEWPID,
  CLONE_PARENT,
  clone_args,
  EEXIST,
  PR_GET_TID_ADDRESS,
  PR_SET_MM,
  PR_SET_MM_MAP_SIZE,
  PR_SET_SECCOMP,
  PR_TIMER_CREATE_RESTORE_IDS,
  PTRACE_GET_RSEQ_CONFIGURATION,
  PTRACE_GETSIGMASK,
  PTRACE_O_SUSPEND_SECCOMP,
  PTRACE_PEEKSIGINFO,
  PTRACE_POKEUSER,
  PTRACE_SECCOMP_GET_FILTER,
  PTRACE_SETOPTIONS,
  ptrace_peeksiginfo_args,
  ptrace_rseq_configuration,
  R_OK,
  SECCOMP_MODE_FILTER,
  SECCOMP_RET_ALLOW,
  SIG_IGN,
  SIGUSR1,
  siginfo_t,
  sock_filter,
  sock_fprog,
  W_OK,
} from '@criu/native/uapi';
import { breakAt } from '../arch/index.js';
import {
  accessible,
  call,
  type Feature,
  inChild,
  steps,
  stopsAt,
  traced,
  verdict,
  verdictOf,
} from './kit.js';

async function spawnWithPid(): Promise<string | null> {
  // The pid of an ended helper is free.
  const free = await inChild(async (agent) => agent.pid);
  try {
    await using agent = Agent.start({ setTid: [free] });
    return agent.pid === free ? null : `clone3 gave pid ${agent.pid} instead of ${free}`;
  } catch (error) {
    // Another process has taken the pid meanwhile; EEXIST shows that the kernel has checked it.
    if (error instanceof SysError && error.errno === EEXIST) return null;
    return verdictOf(error);
  }
}

async function cloneParentWithPidNamespace(): Promise<string | null> {
  return inChild(async (parent) => {
    const { agent: child, remote } = Agent.prepare('sibling');
    const p = new Program('spawn sibling');
    const args = p.data(clone_args.sizeof);
    p.poke(p.at(args, clone_args.flags), CLONE_PARENT | CLONE_NEWPID, 8);
    const pid = p.spawn(args, p.fd(remote), { expect: 'any' });
    const made = (await parent.run(p)).value(pid);
    close(remote);
    if (made < 0) {
      child.abandon();
      return verdict('clone3(CLONE_PARENT | CLONE_NEWPID)', made);
    }
    // It was created as a sibling of its maker, so it is our child.
    await child.exit();
    await addon().waitChild(made, true);
    return null;
  });
}

export const PROCESS_FEATURES: readonly Feature[] = [
  {
    name: 'ns_last_pid',
    category: 'optional',
    what: 'the last pid that was given can be set',
    without:
      'a restore as the first process of a pid namespace may find its pids taken by its own threads, and fails',
    probe: () => accessible('/proc/sys/kernel/ns_last_pid', W_OK),
  },
  {
    name: 'clone3_set_tid',
    category: 'required',
    what: 'clone3() makes tasks with the pids they had',
    without: 'no restore',
    probe: spawnWithPid,
  },
  {
    name: 'kcmp',
    category: 'required',
    what: 'kcmp() tells which tasks share files, memory and more',
    without: 'no dump',
    probe: () => call('kcmp', [process.pid, process.pid, 1, 0, 0]),
  },
  {
    name: 'prctl_mm_map',
    category: 'required',
    what: 'prctl(PR_SET_MM_MAP) sets heap, arguments and executable of a task',
    without: 'no restore',
    probe: () =>
      steps((s) => {
        s.syscall('prctl', [PR_GET_TID_ADDRESS, s.program.out(8), 0, 0, 0]);
        s.syscall('prctl', [PR_SET_MM, PR_SET_MM_MAP_SIZE, s.program.out(8), 0, 0]);
      }),
  },
  {
    name: 'proc_stat',
    category: 'required',
    what: '/proc/PID/stat has addresses of arguments and environment, and the exit code',
    without: 'no dump',
    probe: () => {
      const [, rest = ''] = readFileSync('/proc/self/stat', 'latin1').split(') ');
      const fields = rest.trim().split(' ').length + 2;
      return fields >= 52 ? null : `/proc/self/stat has ${fields} fields, 52 are needed`;
    },
  },
  {
    name: 'sigqueueinfo',
    category: 'required',
    what: 'rt_sigqueueinfo() puts pending signals back as they were',
    without: 'no restore of tasks with pending signals',
    probe: () =>
      steps((s) => {
        const p = s.program;
        s.syscall('rt_sigaction', [SIGUSR1, p.u64(SIG_IGN, 0, 0, 0), 0, 8]);
        const info = Buffer.alloc(siginfo_t.sizeof);
        info.writeInt32LE(SIGUSR1, siginfo_t.si_signo);
        info.writeInt32LE(1, siginfo_t.si_code);
        const pid = s.syscall('getpid', []);
        s.syscall('rt_sigqueueinfo', [pid, SIGUSR1, p.data(info)]);
      }),
  },
  {
    name: 'ptrace_peeksiginfo',
    category: 'required',
    what: 'ptrace() reads pending signals and the signal mask',
    without: 'no dump',
    probe: () =>
      traced((s, victim) => {
        const p = s.program;
        const args = Buffer.alloc(ptrace_peeksiginfo_args.sizeof);
        args.writeInt32LE(1, ptrace_peeksiginfo_args.nr);
        s.syscall('ptrace', [PTRACE_PEEKSIGINFO, victim, p.data(args), p.out(siginfo_t.sizeof)]);
        s.syscall('ptrace', [PTRACE_GETSIGMASK, victim, 8, p.out(8)]);
      }),
  },
  {
    name: 'seccomp_suspend',
    category: 'extra',
    what: 'ptrace() suspends seccomp filters',
    without: 'no dump and no restore of tasks with such filters',
    probe: () =>
      traced((s, victim) => {
        s.syscall('ptrace', [PTRACE_SETOPTIONS, victim, 0, PTRACE_O_SUSPEND_SECCOMP]);
        s.syscall('ptrace', [PTRACE_SETOPTIONS, victim, 0, 0]);
      }),
  },
  {
    name: 'seccomp_filters',
    category: 'extra',
    what: 'ptrace() reads seccomp filters',
    without: 'no dump of tasks with such filters',
    probe: () =>
      traced(
        (s, victim) => void s.syscall('ptrace', [PTRACE_SECCOMP_GET_FILTER, victim, 0, 0]),
        (s) => {
          const p = s.program;
          const allowAll = Buffer.alloc(sock_filter.sizeof);
          allowAll.writeUInt16LE(BPF_RET, sock_filter.code);
          allowAll.writeUInt32LE(SECCOMP_RET_ALLOW, sock_filter.k);
          const filter = p.data(allowAll);
          const prog = p.data(sock_fprog.sizeof);
          p.poke(p.at(prog, sock_fprog.len), 1, 2);
          const address = p.addOf(filter, 0);
          p.poke(p.at(prog, sock_fprog.filter), address, 8);
          s.syscall('prctl', [PR_SET_SECCOMP, SECCOMP_MODE_FILTER, prog, 0, 0]);
        },
      ),
  },
  {
    name: 'get_rseq_conf',
    category: 'extra',
    what: 'ptrace() reads the rseq area',
    without: 'programs of glibc 2.35 and newer are restored without their restartable sequences (rseq)',
    probe: () =>
      traced((s, victim) => {
        const { sizeof } = ptrace_rseq_configuration;
        s.syscall('ptrace', [PTRACE_GET_RSEQ_CONFIGURATION, victim, sizeof, s.program.out(sizeof)]);
      }),
  },
  {
    name: 'breakpoints',
    category: 'optional',
    what: 'hardware breakpoints stop a traced task',
    without: 'nothing: this version sets none',
    // Setting a breakpoint succeeds even on machines where it never triggers.
    probe: () =>
      stopsAt((s, victim, at) => {
        for (const [offset, word] of breakAt(at))
          s.syscall('ptrace', [PTRACE_POKEUSER, victim, offset, word]);
      }),
  },
  {
    name: 'posix_timers',
    category: 'extra',
    what: '/proc/PID/timers lists POSIX timers',
    without: 'no dump',
    probe: () => accessible('/proc/self/timers', R_OK),
  },
  {
    name: 'timer_cr_ids',
    category: 'optional',
    what: 'timer_create() takes the id that a timer had',
    without: 'ids of POSIX timers are reached by counting up, which takes longer',
    probe: () => call('prctl', [PR_TIMER_CREATE_RESTORE_IDS, 2 /* GET */, 0, 0, 0]),
  },
  {
    name: 'membarrier',
    category: 'extra',
    what: 'membarrier() tells what a process registered for',
    without: 'registrations for membarrier() are not kept',
    probe: () => call('membarrier', [1 << 9 /* MEMBARRIER_CMD_GET_REGISTRATIONS */, 0, 0]),
  },
  {
    name: 'pidfd_store',
    category: 'required',
    what: 'pidfd_open() and pidfd_getfd() bring descriptors over from other tasks',
    without: 'no dump',
    probe: () =>
      inChild(async (agent) => {
        const pidfd = sysRaw('pidfd_open', agent.pid, 0);
        if (pidfd < 0) return verdict('pidfd_open', pidfd);
        const copy = sysRaw('pidfd_getfd', pidfd, 3, 0);
        close(pidfd);
        if (copy >= 0) close(copy);
        return verdict('pidfd_getfd', copy);
      }),
  },
  {
    name: 'clone_parent_pidns',
    category: 'extra',
    what: 'a sibling can be made in a new pid namespace',
    without: 'no --restore-sibling of a container',
    probe: cloneParentWithPidNamespace,
  },
  {
    name: 'loginuid',
    category: 'extra',
    what: 'the login uid of a task can be set and taken back',
    without: 'no restore of tasks with another login uid than that of criu',
    probe: () =>
      steps((s) => {
        const p = s.program;
        const fd = s.syscall('openat', [AT_FDCWD, p.cstring('/proc/self/loginuid'), 2]);
        s.syscall('pwrite64', [fd, p.cstring('0'), 1, 0]);
        s.syscall('pwrite64', [fd, p.cstring('4294967295'), 10, 0]);
      }),
  },
  {
    name: 'compat_cr',
    category: 'experimental',
    what: '32-bit tasks',
    without: 'no dump and no restore of 32-bit tasks',
    lacking: 'it dumps and restores 64-bit tasks only',
    probe: () => null,
  },
];
