// Limits for the values of image fields, beyond what their types say: limits of the kernel (man pages, uapi headers)
// and of the format. A value outside of its limits is a fault of the image, and is reported before anything is planned.
import type { FileEntry, MessageName, MessageTypes } from '@criu/images';
import { FdTypes, fileTypes } from '@criu/images';
import { INT_MAX } from '@criu/native/uapi';

export interface Rule {
  /** Ends the sentence "it is …, not". */
  readonly wanted: string;
  /** Whether a value is valid; called for each element of a list. */
  readonly fits?: (value: unknown) => boolean;
  /** Largest number of list elements, or of bytes. */
  readonly most?: number;
}

type Fields<M> = { readonly [F in Exclude<keyof M, symbol>]?: Rule };

export type Rules = { readonly [M in MessageName]?: Fields<MessageTypes[M]> };

function from(low: number | bigint, high: number | bigint): Rule {
  // Converted once, since comparing a number with a bigint is slow.
  const least = BigInt(low);
  const most = BigInt(high);
  return {
    wanted: `between ${low} and ${high}`,
    fits: (value) =>
      typeof value === 'bigint'
        ? value >= least && value <= most
        : (value as number) >= low && (value as number) <= high,
  };
}

function upTo(high: number | bigint): Rule {
  return from(0, high);
}

function most(count: number): Rule {
  return { wanted: `of up to ${count}`, most: count };
}

/** PID_MAX_LIMIT */
const PID_MAX = 1 << 22;
/** Largest loff_t and time64_t. */
const INT64_MAX = (1n << 63n) - 1n;
/** _NSIG */
const SIGNALS = 64;
/** Temporary descriptors and the agent's own are above those of the task. */
const FD_MAX = (1 << 30) - 1;
/** An upper bound for AT_VECTOR_SIZE of the kernel. */
const AUXV_WORDS = 512;

const pid = upTo(PID_MAX);
const port = upTo(0xffff);
const signal = upTo(SIGNALS);
const nanoseconds = upTo(999_999_999);
const microseconds = upTo(999_999);
const seconds = upTo(INT64_MAX);
const offset = upTo(INT64_MAX);

/** String fields have no rule here if the general one of validate.ts suffices. */
export const rules: Rules = {
  // No rule for threads: CRIU leaves the threads of a zombie uninitialised.
  PstreeEntry: { pid: from(1, PID_MAX), ppid: pid, pgid: pid, sid: pid },
  FdinfoEntry: { fd: upTo(FD_MAX) },
  FownEntry: { signum: signal },
  RegFileEntry: { pos: offset, size: offset },
  // struct sockaddr_in6 and struct sock_fprog
  InetSkEntry: {
    src_port: port,
    dst_port: port,
    src_addr: most(4),
    dst_addr: most(4),
    backlog: upTo(INT_MAX),
  },
  SkOptsEntry: { so_filter: most(4096) },
  // sun_path, and a zero byte behind it
  UnixSkEntry: {
    name: most(109),
    backlog: upTo(INT_MAX),
    gone_peer: most(109),
    file_name: { wanted: 'a name in a folder', fits: (value) => !/\/|^\.{0,2}$/.test(value as string) },
  },
  SkPacketEntry: { addr: most(110) },
  ScmEntry: { rights: most(253) },
  // struct packet_mreq_max
  PacketMclist: { type: upTo(0xffff), addr: most(32) },
  // eventfd(2)
  EventfdFileEntry: { counter: upTo((1n << 64n) - 2n) },
  TimerfdEntry: { vsec: seconds, isec: seconds, vnsec: nanoseconds, insec: nanoseconds },
  InotifyWdEntry: { wd: upTo(INT_MAX) },
  // MAX_HANDLE_SZ
  FhEntry: { bytes: upTo(128), type: upTo(INT_MAX), handle: most(16) },
  WinsizeEntry: { ws_row: port, ws_col: port, ws_xpixel: port, ws_ypixel: port },
  TermiosEntry: { c_line: upTo(0xff), c_cc: most(32) },
  // memfd_create(2)
  MemfdInodeEntry: { name: most(249), size: offset },
  MemfdFileEntry: { pos: offset },
  FileLockEntry: { type: upTo(0xff), pid, fd: upTo(FD_MAX) },
  GhostFileEntry: { size: offset },
  GhostChunkEntry: { off: upTo(Number.MAX_SAFE_INTEGER), len: upTo(Number.MAX_SAFE_INTEGER) },
  MmEntry: { mm_saved_auxv: most(AUXV_WORDS) },
  VmaEntry: { pgoff: offset },
  TaskCoreEntry: {
    task_state: { wanted: 'a state of a task', fits: (value) => [1, 2, 3, 6].includes(value as number) },
    exit_code: upTo(0xffff),
    oom_score_adj: from(-1000, 1000),
    stop_signo: signal,
    autogroup_nice: from(-20, 19),
  },
  // semop(2): SEMAEM
  SemUndoEntry: { sem_id: upTo(INT_MAX), sem_num: upTo(0xffff), adjustment: from(-32767, 32767) },
  ThreadCoreEntry: { sched_nice: from(-20, 19), sched_prio: upTo(99), pdeath_sig: signal },
  // NGROUPS_MAX
  CredsEntry: {
    groups: most(65536),
    cap_inh: most(2),
    cap_prm: most(2),
    cap_eff: most(2),
    cap_bnd: most(2),
    cap_amb: most(2),
  },
  ItimerEntry: { isec: seconds, vsec: seconds, iusec: microseconds, vusec: microseconds },
  PosixTimerEntry: {
    it_id: upTo(INT_MAX),
    si_signo: upTo(INT_MAX),
    it_sigev_notify: upTo(7),
    isec: seconds,
    vsec: seconds,
    insec: nanoseconds,
    vnsec: nanoseconds,
  },
  // RLIM_NLIMITS
  TaskRlimitsEntry: { rlimits: most(16) },
  FsEntry: { umask: upTo(0o777) },
  // IPCMNI_EXTEND and the sequence number above it
  IpcDescEntry: { id: upTo(INT_MAX) },
  IpcShmEntry: { size: offset },
  CgroupPropEntry: { value: most(1 << 20) },
};

/** A condition on several fields of one entry. @returns the offending field and what is wrong */
type Whole<M> = (message: M) => { readonly field: string; readonly wrong: string } | undefined;

const typeNames = new Map<number, string>(Object.entries(FdTypes).map(([name, value]) => [value, name]));
const fieldOfType = new Map(fileTypes.map(({ type, field }) => [type, field]));

export const wholes: { readonly FileEntry: Whole<FileEntry> } = {
  FileEntry(file) {
    const field = fieldOfType.get(file.type);
    if (field === undefined) return undefined;
    const own = file[field];
    if (own === undefined)
      return { field, wrong: `is missing, and the file is of type ${typeNames.get(file.type)}` };
    return own.id === file.id ? undefined : { field: `${field}.id`, wrong: `is ${own.id}, not ${file.id}` };
  },
};
