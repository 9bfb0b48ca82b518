/** `/proc/PID/stat`: the 52 numbers about a task, its memory layout among them (proc_pid_stat(5)). */

import { decodeLatin1 } from '@criu/native';
import { PROC_ROOT, type ProcText, readText } from './io.js';
import { Scan } from './scan.js';

/** All fields, by their names in the manual page. Times are in clock ticks (1/100 s) unless said otherwise. */
export interface Stat {
  pid: number;
  /** Not escaped: may have blanks, parentheses, even newlines. */
  comm: string;
  state: string;
  ppid: number;
  pgrp: number;
  session: number;
  /** Controlling terminal in the kernel's packed form; see {@link ttyDevice}. */
  ttyNr: number;
  tpgid: number;
  /** PF_* flags of the kernel. */
  flags: number;
  minflt: number;
  cminflt: number;
  majflt: number;
  cmajflt: number;
  utime: number;
  stime: number;
  cutime: number;
  cstime: number;
  priority: number;
  nice: number;
  numThreads: number;
  itrealvalue: number;
  /** Start after boot; with the pid it tells a task from a later one of the same pid. */
  starttime: bigint;
  /** Bytes. */
  vsize: number;
  /** Pages. */
  rss: number;
  rsslim: bigint;
  /** Addresses are 0 (or 1) without permission to see them. */
  startCode: bigint;
  endCode: bigint;
  startStack: bigint;
  kstkesp: bigint;
  kstkeip: bigint;
  /** Low 64 bits of signal sets; status has the better ones. */
  signal: bigint;
  blocked: bigint;
  sigignore: bigint;
  sigcatch: bigint;
  wchan: bigint;
  nswap: number;
  cnswap: number;
  exitSignal: number;
  processor: number;
  rtPriority: number;
  /** SCHED_*. */
  policy: number;
  delayacctBlkioTicks: bigint;
  guestTime: number;
  cguestTime: number;
  startData: bigint;
  endData: bigint;
  startBrk: bigint;
  argStart: bigint;
  argEnd: bigint;
  envStart: bigint;
  envEnd: bigint;
  /** As wait(2) gives it; 0 without permission to see it. */
  exitCode: number;
}

/** Parses the text of stat. */
export function parseStat(text: ProcText, file = 'stat'): Stat {
  const scan = new Scan(text, file);
  const pid = scan.dec();
  scan.expect(' (');
  // Only numbers follow the name, so the last parenthesis is the one that closes it.
  const close = text.lastIndexOf(')');
  if (close < scan.pos) throw scan.error('the name of the task does not end');
  const comm = decodeLatin1(text.slice(scan.pos, close));
  scan.pos = close + 1;
  scan.expect(' ');
  const state = scan.word();
  if (state.length !== 1) throw scan.error('expected a state of one letter');
  const int = (): number => {
    scan.expect(' ');
    return scan.int();
  };
  const big = (): bigint => {
    scan.expect(' ');
    return scan.big();
  };
  // An object's members are evaluated in the order they are written in, which is that of the file.
  const stat: Stat = {
    pid,
    comm,
    state,
    ppid: int(),
    pgrp: int(),
    session: int(),
    ttyNr: int(),
    tpgid: int(),
    flags: int(),
    minflt: int(),
    cminflt: int(),
    majflt: int(),
    cmajflt: int(),
    utime: int(),
    stime: int(),
    cutime: int(),
    cstime: int(),
    priority: int(),
    nice: int(),
    numThreads: int(),
    itrealvalue: int(),
    starttime: big(),
    vsize: int(),
    rss: int(),
    rsslim: big(),
    startCode: big(),
    endCode: big(),
    startStack: big(),
    kstkesp: big(),
    kstkeip: big(),
    signal: big(),
    blocked: big(),
    sigignore: big(),
    sigcatch: big(),
    wchan: big(),
    nswap: int(),
    cnswap: int(),
    exitSignal: int(),
    processor: int(),
    rtPriority: int(),
    policy: int(),
    delayacctBlkioTicks: big(),
    guestTime: int(),
    cguestTime: int(),
    startData: big(),
    endData: big(),
    startBrk: big(),
    argStart: big(),
    argEnd: big(),
    envStart: big(),
    envEnd: big(),
    exitCode: int(),
  };
  return stat;
}

/** Reads the stat of a task. */
export function readStat(pid: number, root: string = PROC_ROOT): Stat {
  return parseStat(readText(pid, 'stat', root), `${root}/${pid}/stat`);
}

/** The pid of a process, of its parent, and so on up to init. @throws ProcError if one of them has ended */
export function* ancestry(pid: number): Generator<number, void, undefined> {
  for (let up = pid; up > 0; up = readStat(up).ppid) yield up;
}

/** Takes a tty number of stat apart (new_encode_dev() in the kernel); undefined if there is no terminal. */
export function ttyDevice(ttyNr: number): { major: number; minor: number } | undefined {
  if (ttyNr === 0) return undefined;
  return { major: (ttyNr >>> 8) & 0xfff, minor: (ttyNr & 0xff) | ((ttyNr >>> 12) & 0xfff00) };
}
