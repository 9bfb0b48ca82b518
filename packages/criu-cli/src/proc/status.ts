/** `/proc/PID/status`: credentials, signals, ids in each pid namespace and other state (proc_pid_status(5)). */

import { decodeLatin1 } from '@criu/native';
import { PROC_ROOT, type ProcText, readText } from './io.js';
import { unescapeComm } from './names.js';
import { Scan } from './scan.js';

/** Real, effective, saved and file system id. */
export type Ids = readonly [real: number, effective: number, saved: number, fs: number];

/** The state of one task. Fields that only newer kernels or certain configurations show may be undefined. */
export interface Status {
  name: string;
  /** undefined for a task without file system information (a zombie). */
  umask: number | undefined;
  /** The letter: R, S, D, T (stopped), t (traced), Z, X, I, P. */
  state: string;
  tgid: number;
  pid: number;
  ppid: number;
  tracerPid: number;
  uid: Ids;
  gid: Ids;
  groups: number[];
  /** Ids in each pid namespace from that of this procfs inwards; empty without CONFIG_PID_NS. */
  nsTgid: number[];
  nsPid: number[];
  nsPgid: number[];
  nsSid: number[];
  /** Whether it is a kernel thread (Linux 6.8). */
  kthread: boolean | undefined;
  /** Sizes in bytes; undefined for a task without memory. */
  vmSize: number | undefined;
  vmLck: number | undefined;
  vmRss: number | undefined;
  rssAnon: number | undefined;
  vmSwap: number | undefined;
  /** Bytes of page tables. */
  vmPte: number | undefined;
  coreDumping: boolean | undefined;
  /** False after PR_SET_THP_DISABLE. */
  thpEnabled: boolean | undefined;
  untagMask: bigint | undefined;
  threads: number;
  /** Queued signals of the real user, and their limit (2^64-1 if there is none). */
  sigQ: { queued: number; limit: bigint };
  /** Signal sets; signal N is bit N-1. */
  sigPnd: bigint;
  shdPnd: bigint;
  sigBlk: bigint;
  sigIgn: bigint;
  sigCgt: bigint;
  /** Capability sets; capability N is bit N. */
  capInh: bigint;
  capPrm: bigint;
  capEff: bigint;
  capBnd: bigint;
  capAmb: bigint;
  noNewPrivs: boolean | undefined;
  /** 0 disabled, 1 strict, 2 filter. */
  seccomp: number | undefined;
  seccompFilters: number | undefined;
  speculationStoreBypass: string | undefined;
  speculationIndirectBranch: string | undefined;
  cpusAllowedList: string | undefined;
  memsAllowedList: string | undefined;
  /** Shadow stack features in use and locked, as `['shstk', 'wrss']` (Linux 6.6). */
  x86ThreadFeatures: string[] | undefined;
  x86ThreadFeaturesLocked: string[] | undefined;
}

/** Fields that are required; all kernels since 5.0 have them. */
// biome-ignore format: a table
const REQUIRED = [
  'Name', 'State', 'Tgid', 'Pid', 'PPid', 'TracerPid', 'Uid', 'Gid', 'Groups', 'Threads', 'SigQ', 'SigPnd',
  'ShdPnd', 'SigBlk', 'SigIgn', 'SigCgt', 'CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb',
] as const;

function blank(): Status {
  return {
    name: '',
    umask: undefined,
    state: '',
    tgid: 0,
    pid: 0,
    ppid: 0,
    tracerPid: 0,
    uid: [0, 0, 0, 0],
    gid: [0, 0, 0, 0],
    groups: [],
    nsTgid: [],
    nsPid: [],
    nsPgid: [],
    nsSid: [],
    kthread: undefined,
    vmSize: undefined,
    vmLck: undefined,
    vmRss: undefined,
    rssAnon: undefined,
    vmSwap: undefined,
    vmPte: undefined,
    coreDumping: undefined,
    thpEnabled: undefined,
    untagMask: undefined,
    threads: 0,
    sigQ: { queued: 0, limit: 0n },
    sigPnd: 0n,
    shdPnd: 0n,
    sigBlk: 0n,
    sigIgn: 0n,
    sigCgt: 0n,
    capInh: 0n,
    capPrm: 0n,
    capEff: 0n,
    capBnd: 0n,
    capAmb: 0n,
    noNewPrivs: undefined,
    seccomp: undefined,
    seccompFilters: undefined,
    speculationStoreBypass: undefined,
    speculationIndirectBranch: undefined,
    cpusAllowedList: undefined,
    memsAllowedList: undefined,
    x86ThreadFeatures: undefined,
    x86ThreadFeaturesLocked: undefined,
  };
}

/** A setter for each field; the cursor is at the value. */
const FIELDS: ReadonlyMap<string, (s: Status, scan: Scan) => void> = new Map<
  string,
  (s: Status, scan: Scan) => void
>([
  ['Name', (s, scan) => (s.name = decodeLatin1(unescapeComm(line(scan))))],
  ['Umask', (s, scan) => (s.umask = scan.octal())],
  ['State', (s, scan) => (s.state = letter(scan))],
  ['Tgid', (s, scan) => (s.tgid = scan.dec())],
  ['Pid', (s, scan) => (s.pid = scan.dec())],
  ['PPid', (s, scan) => (s.ppid = scan.dec())],
  ['TracerPid', (s, scan) => (s.tracerPid = scan.dec())],
  ['Uid', (s, scan) => (s.uid = ids(scan))],
  ['Gid', (s, scan) => (s.gid = ids(scan))],
  ['Groups', (s, scan) => (s.groups = numbers(scan))],
  ['NStgid', (s, scan) => (s.nsTgid = numbers(scan))],
  ['NSpid', (s, scan) => (s.nsPid = numbers(scan))],
  ['NSpgid', (s, scan) => (s.nsPgid = numbers(scan))],
  ['NSsid', (s, scan) => (s.nsSid = numbers(scan))],
  ['Kthread', (s, scan) => (s.kthread = scan.dec() !== 0)],
  ['VmSize', (s, scan) => (s.vmSize = kilobytes(scan))],
  ['VmLck', (s, scan) => (s.vmLck = kilobytes(scan))],
  ['VmRSS', (s, scan) => (s.vmRss = kilobytes(scan))],
  ['RssAnon', (s, scan) => (s.rssAnon = kilobytes(scan))],
  ['VmSwap', (s, scan) => (s.vmSwap = kilobytes(scan))],
  ['VmPTE', (s, scan) => (s.vmPte = kilobytes(scan))],
  ['CoreDumping', (s, scan) => (s.coreDumping = scan.dec() !== 0)],
  ['THP_enabled', (s, scan) => (s.thpEnabled = scan.dec() !== 0)],
  ['untag_mask', (s, scan) => (s.untagMask = prefixedHex(scan))],
  ['Threads', (s, scan) => (s.threads = scan.dec())],
  ['SigQ', (s, scan) => (s.sigQ = queue(scan))],
  ['SigPnd', (s, scan) => (s.sigPnd = scan.hexBig())],
  ['ShdPnd', (s, scan) => (s.shdPnd = scan.hexBig())],
  ['SigBlk', (s, scan) => (s.sigBlk = scan.hexBig())],
  ['SigIgn', (s, scan) => (s.sigIgn = scan.hexBig())],
  ['SigCgt', (s, scan) => (s.sigCgt = scan.hexBig())],
  ['CapInh', (s, scan) => (s.capInh = scan.hexBig())],
  ['CapPrm', (s, scan) => (s.capPrm = scan.hexBig())],
  ['CapEff', (s, scan) => (s.capEff = scan.hexBig())],
  ['CapBnd', (s, scan) => (s.capBnd = scan.hexBig())],
  ['CapAmb', (s, scan) => (s.capAmb = scan.hexBig())],
  ['NoNewPrivs', (s, scan) => (s.noNewPrivs = scan.dec() !== 0)],
  ['Seccomp', (s, scan) => (s.seccomp = scan.dec())],
  ['Seccomp_filters', (s, scan) => (s.seccompFilters = scan.dec())],
  ['Speculation_Store_Bypass', (s, scan) => (s.speculationStoreBypass = line(scan))],
  ['SpeculationIndirectBranch', (s, scan) => (s.speculationIndirectBranch = line(scan))],
  ['Cpus_allowed_list', (s, scan) => (s.cpusAllowedList = line(scan))],
  ['Mems_allowed_list', (s, scan) => (s.memsAllowedList = line(scan))],
  ['x86_Thread_features', (s, scan) => (s.x86ThreadFeatures = words(scan))],
  ['x86_Thread_features_locked', (s, scan) => (s.x86ThreadFeaturesLocked = words(scan))],
]);

/** Parses the text of status; unknown fields are skipped. */
export function parseStatus(text: ProcText, file = 'status'): Status {
  const scan = new Scan(text, file);
  const status = blank();
  const seen = new Set<string>();
  while (!scan.atEnd) {
    const colon = text.indexOf(':', scan.pos);
    if (colon < 0) throw scan.error('expected a field');
    const key = text.slice(scan.pos, colon);
    const set = FIELDS.get(key);
    if (set !== undefined) {
      scan.pos = colon + 1;
      // Not blanks(): a name may itself begin with a blank.
      if (!scan.skip('\t')) scan.blanks();
      set(status, scan);
      seen.add(key);
    }
    scan.nextLine();
  }
  for (const key of REQUIRED) {
    if (!seen.has(key)) throw scan.error(`the field ${key} is missing`);
  }
  return status;
}

/** Reads the status of a task, or of one thread by its tid. */
export function readStatus(pid: number, root: string = PROC_ROOT): Status {
  return parseStatus(readText(pid, 'status', root), `${root}/${pid}/status`);
}

/** The rest of the line, with the cursor left on its end. */
function line(scan: Scan): string {
  const text = scan.rest();
  scan.pos--;
  return text;
}

function letter(scan: Scan): string {
  if (scan.atLineEnd) throw scan.error('expected a state');
  return scan.text.charAt(scan.pos);
}

function numbers(scan: Scan): number[] {
  const list: number[] = [];
  for (scan.blanks(); !scan.atLineEnd; scan.blanks()) list.push(scan.dec());
  return list;
}

function ids(scan: Scan): Ids {
  const [real, effective, saved, fs, ...more] = numbers(scan);
  if (
    real === undefined ||
    effective === undefined ||
    saved === undefined ||
    fs === undefined ||
    more.length > 0
  ) {
    throw scan.error('expected four ids');
  }
  return [real, effective, saved, fs];
}

function kilobytes(scan: Scan): number {
  scan.blanks();
  const n = scan.dec();
  scan.expect(' kB');
  return n * 1024;
}

function prefixedHex(scan: Scan): bigint {
  scan.expect('0x');
  return scan.hexBig();
}

function queue(scan: Scan): { queued: number; limit: bigint } {
  const queued = scan.dec();
  scan.expect('/');
  return { queued, limit: scan.big() };
}

function words(scan: Scan): string[] {
  const list: string[] = [];
  for (scan.blanks(); !scan.atLineEnd; scan.blanks()) list.push(scan.word());
  return list;
}
