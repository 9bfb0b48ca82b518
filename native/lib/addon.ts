// The addon's functions, typed by hand, and the loader that checks what it loaded.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AGENT_ABI_VERSION } from './abi.generated.js';
import { NativeLoadError, thisMachine, unfitMachine } from './machine.js';

/** An argument of a system call: a number, a 64-bit word, or memory of ours whose address is meant. */
export type SysArg = number | bigint | NodeJS.TypedArray | null | undefined;

/** Runs of pages: (start, end, index of the range that was asked for), one after the other. */
export interface PagemapScan {
  errno: number;
  /** In memory or swapped out, neither zero pages nor pages of a file. */
  pages: BigUint64Array;
  /** Guards made with MADV_GUARD_INSTALL. */
  guards: BigUint64Array;
}

/** Components of the XSAVE area beyond the legacy part and its header, in bytes from its start. */
export interface XsaveLayout {
  shstk: boolean;
  components: { bit: number; offset: number; size: number }[];
}

/** Outcome of a page pump: errno 0 is success, else `address` is where the task's range starts that failed. */
/** The beginning of a file, mapped by this process. */
export interface HugePart {
  readonly __huge: never;
}

export interface PumpResult {
  errno: number;
  address: bigint;
}

/** A byte for each page that was asked about, in that order: 1 where both sides are equal. */
export interface PageComparison extends PumpResult {
  same: Uint8Array;
}

/** Mappings out of smaps: a row for each (`MAPPING_*` of mappings.h), and the texts that rows name, as latin1. */
export interface MappingRows {
  small: Int32Array;
  large: BigUint64Array;
  paths: string[];
  flags: string[];
}

/** A look at descriptors that has begun. */
export type BegunDescriptors = object & { readonly __begun: 'descriptors' };

/** Open file descriptions, told apart by number. */
export type Descriptions = object & { readonly __told: 'descriptions' };

/** What is asked of sockets of a kind, and what they have answered. */
export type Questions = object & { readonly __asked: 'options' };

/** What is to be known of descriptors of a process. */
export interface DescriptorsWanted {
  readonly pid: number;
  readonly pidfd: number;
  readonly fds: Int32Array;
  /** A row for each (`DESCRIPTOR_*` of descriptors.h); nobody else's until `endDescriptors`. */
  readonly small: Int32Array;
  readonly large: BigUint64Array;
  /** In a thread of its own, else at the end. */
  readonly ahead: boolean;
  /** Gets those that it does not know yet. */
  readonly descriptions: Descriptions;
  /** What is asked of sockets. */
  readonly questions: readonly Questions[];
}

export interface Addon {
  readonly abiVersion: number;
  /** syscall(2); a result in [-4095, -1] is a negated errno. Exact up to 2^53. */
  sys(nr: number, ...args: SysArg[]): number;
  sysBig(nr: number, ...args: SysArg[]): bigint;
  /** All of a file of procfs with a character for each byte (latin1), in one call; or -errno. */
  readText(path: string): string | number;
  /** Names in a folder that are numbers, ascending; or -errno. */
  readNumbers(path: string): Int32Array | number;
  /** The mappings in a file like `/proc/PID/smaps`; what is wrong with its text, and in which line; or -errno. */
  readMappings(path: string): MappingRows | { fault: string; line: number } | number;
  /** Begins to look at what there is behind descriptors of a process. */
  beginDescriptors(wanted: DescriptorsWanted): BegunDescriptors;
  /**
   * Has all of them looked at, and gives two texts for each: the link in `/proc/PID/fd` and what fdinfo has beyond the lines that
   * are the same for all kinds, both as latin1. The copies that the rows name are the caller's.
   */
  endDescriptors(begun: BegunDescriptors): string[];
  /** Closes the copies, once all of them are looked at. */
  closeCopies(begun: BegunDescriptors): void;
  /** Open file descriptions that are told apart, of which none is known yet. */
  makeDescriptions(): Descriptions;
  /**
   * The place of an object of a process among those of the first `count` others, which are in the kernel's own order of them
   * (kcmp(2)); -1 less the place where it belongs if it is none of them; at most -1e9 less the errno if they cannot be compared.
   */
  placeOfObject(type: number, pid: number, pids: Int32Array, count: number): number;
  /** Has a thread read a file of procfs; {@link takeAhead} waits for it. */
  readAhead(path: string): TextAhead;
  /** What was read, as readText() has it. */
  takeAhead(text: TextAhead): string | number;
  /** Address of the first byte; valid while the caller keeps the array. */
  addressOf(bytes: NodeJS.TypedArray): bigint;
  /** process_vm_readv(2) of one range into `bytes`; bytes read or -errno. */
  vmRead(pid: number, address: bigint | number, bytes: NodeJS.TypedArray): number;
  /** process_vm_writev(2) of one range; bytes written or -errno. */
  vmWrite(pid: number, address: bigint | number, bytes: NodeJS.TypedArray): number;
  /** Starts the agent's ELF with `controlFd` as its descriptor `childFd`; pid or -errno. `setTid`: innermost first. `groups`: its supplementary groups. `pidNs`: descriptor of the pid namespace that it is born into. */
  spawnAgent(
    path: string,
    controlFd: number,
    childFd: number,
    bufferBytes: number,
    flags: number,
    setTid: number[],
    newSession: boolean,
    exitSignal: number,
    groups?: number[],
    pidNs?: number,
  ): number;
  /** socket(2) made by a helper process in the network namespace of a descriptor: a descriptor of ours, or -errno. */
  socketIn(netns: number, family: number, type: number, protocol: number): number;
  /**
   * getsockopt(2) of many options. `wanted`: level, name and bytes of room of each; the values lie one behind the other in
   * `values`, each in its room; `lengths` has the bytes of each, or -errno.
   */
  readOptions(fd: number, wanted: Int32Array, lengths: Int32Array, values: Uint8Array): void;
  /**
   * The same options for all sockets of a kind.
   * @param type -1 for all, and `protocol`
   * @param place where a row of a descriptor gets the number of the answer: `DESCRIPTOR_OPTIONS` or `DESCRIPTOR_PEER`
   */
  makeQuestions(family: number, type: number, protocol: number, place: number, wanted: Int32Array): Questions;
  /** What sockets with this number have answered: lengths, 4 bytes each, and values, as `readOptions` gives them. */
  answerTo(questions: Questions, number: number): Buffer;
  /** Wait status of a child that was not made by node:child_process, or -errno. */
  waitChild(pid: number, keepAlive: boolean): Promise<number>;
  /** Waits for a descriptor in the event loop: the events of epoll(7) that came, or -errno. One waiter for each. */
  pollFd(fd: number, events: number): Promise<number>;
  /** Ends the wait for a descriptor with -ECANCELED; before it is closed. */
  pollCancel(fd: number): void;
  channelStart(deliver: (fd: number, closed: boolean, bytes: Buffer, fds: number[]) => void): void;
  channelRef(keepAlive: boolean): void;
  channelAdd(fd: number): number;
  channelRemove(fd: number): void;
  channelSend(fd: number, bytes: Buffer, fds: number[]): number;
  /**
   * Pairs of (address, bytes) of a task, or of (offset, bytes) of the file `source` where `pid` is 0, written one after the
   * other to a file from `offset` on. `lenient`: pages that are gone meanwhile are zero, and no failure. `huge`: what
   * `prepareFile` has made of the file.
   */
  pumpToFile(
    pid: number,
    source: number,
    ranges: BigUint64Array,
    fd: number,
    offset: number | bigint,
    threads: number,
    lenient?: boolean,
    huge?: HugePart,
  ): Promise<PumpResult>;
  /** Whether the machine has libzstd.so.1, which codec 1 needs. */
  zstdThere(): boolean;
  /**
   * As `pumpToFile`, packed: ranges are cut into blocks of at most `block` bytes, each packed by itself, its plain bytes where
   * that is no shorter, or nothing where all is zero. `sizes` has the bytes of each in the file, in order.
   * @param codec 0: LZ4 blocks; 1: Zstandard frames
   * @param acceleration from 1 up: the higher, the faster and the larger
   */
  packToFile(
    pid: number,
    source: number,
    ranges: BigUint64Array,
    fd: number,
    block: number,
    codec: number,
    acceleration: number,
    threads: number,
    lenient: boolean | undefined,
  ): Promise<PumpResult & { sizes: Uint32Array; bytes: number }>;
  /**
   * The same into a socket, for the server of packed pages: groups of blocks, each behind a record and the sizes of its blocks.
   * @param records of 32 bytes, one for each range, in which address and number of pages are set for each group; a range of 0
   * bytes is its record alone
   */
  packToSocket(
    pid: number,
    source: number,
    ranges: BigUint64Array,
    socket: number,
    block: number,
    codec: number,
    acceleration: number,
    threads: number,
    lenient: boolean | undefined,
    records: Uint8Array,
  ): Promise<PumpResult>;
  /**
   * Unpacks blocks of one file into another: (offset, bytes, offset unpacked, bytes unpacked) each. Returns when all is
   * done; `address` is the offset of the block that failed, EBADMSG says that it is broken.
   */
  unpackFile(source: number, fd: number, blocks: BigUint64Array, codec: number, threads: number): PumpResult;
  /** Bytes of pages that this process has moved so far, those of work that is still going on included. */
  movedBytes(): number;
  /**
   * Gives a file blocks for so many bytes, and the first `filled` of them zeros, so that copying finds its pages there. On
   * tmpfs all of them have huge pages instead where these cost less than small ones, and are wanted (`mayBeHuge`); the file
   * is then as long as these.
   */
  prepareFile(
    fd: number,
    bytes: number,
    filled: number,
    mayBeHuge: boolean,
  ): Promise<PumpResult & { huge?: HugePart }>;
  /** Unmaps it, as soon as nothing copies there any more. */
  letHugeGo(huge: HugePart): void;
  /** Pages of a task that are its own, in `ranges` (pairs of start and end). */
  pagemapScan(pid: number, ranges: BigUint64Array): PagemapScan;
  /**
   * Guard regions (MADV_GUARD_INSTALL) of a task in `ranges` (pairs of start and end): triples of start, end and the
   * index of the range. None on kernels before 6.15.
   */
  pagemapGuards(pid: number, ranges: BigUint64Array): { errno: number; guards: BigUint64Array };
  /**
   * Write-protects the pages that there are in `ranges` (pairs of start and end), of mappings that are registered with a
   * userfaultfd with UFFD_FEATURE_WP_ASYNC; 0 or an errno.
   */
  pagemapProtect(pid: number, ranges: BigUint64Array): number;
  /**
   * A bit of the words in /proc/PID/pagemap for pages in `ranges` (pairs of start and end): a byte for each page, 1 where it
   * is set. 55: written to since the marks were cleared (soft-dirty); 57: not written to since it was protected.
   */
  pagemapBit(pid: number, ranges: BigUint64Array, bit: number): { errno: number; set: Uint8Array };
  /**
   * Compares pages of a task, or of the file `fd` if `pid` is 0, with pages of files. `ranges`: address (offset),
   * length, descriptor of the other file and offset there, for each.
   */
  comparePages(pid: number, fd: number, ranges: BigUint64Array, threads: number): Promise<PageComparison>;
  /**
   * Writes to a socket, for each pair of (address, length) in `ranges`, a record and then that memory of a task, or
   * of the file `fd` if `pid` is 0. A length of 0 is a record alone.
   */
  sendPages(
    socket: number,
    pid: number,
    fd: number,
    records: Uint8Array,
    recordBytes: number,
    ranges: BigUint64Array,
    lenient?: boolean,
  ): Promise<PumpResult>;
  xsaveLayout(): XsaveLayout;
  /**
   * Of paths below a folder, with a line end behind each: the time of the last change in ms, as node has it, and the size; NaN and
   * -1 where there is no such file. For the launcher.
   */
  statMany(folder: string, paths: string): Float64Array;
  /** Mode and size, in bytes, of the file of each of these descriptors of a task; -1 and the errno where they cannot be told. */
  statDescriptors(pid: number, numbers: Int32Array): Float64Array;
  /** Flags of V8, as on the command line of node: they hold from here on. */
  setV8Flags(flags: string): void;
  /** The CPUID instruction: eax, ebx, ecx and edx, each as an unsigned 32-bit number. */
  cpuid(leaf: number, subleaf: number): [number, number, number, number];
}

declare const ahead: unique symbol;
/** A file that is being read, or was. */
export interface TextAhead {
  readonly [ahead]: never;
}

const prebuilds = new URL(`../prebuilds/linux-${process.arch}/`, import.meta.url);

function prebuilt(name: string): string {
  const path = fileURLToPath(new URL(name, prebuilds));
  if (existsSync(path)) return path;
  const unfit = unfitMachine(thisMachine());
  throw new NativeLoadError(unfit ?? `${path} is missing: it was not built (npm run setup)`);
}

let loaded: Addon | undefined;

/** The addon, loaded at its first use. */
export function addon(): Addon {
  if (loaded) return loaded;
  const path = prebuilt('criu.node');
  // As `require` does it, whose module takes half a millisecond to load.
  const module = { exports: {} };
  try {
    process.dlopen(module, path);
  } catch (cause) {
    const unfit = unfitMachine(thisMachine());
    throw new NativeLoadError(unfit ?? `cannot load ${path}: ${(cause as Error).message}`, { cause });
  }
  const candidate = module.exports as Addon;
  if (candidate.abiVersion !== AGENT_ABI_VERSION) {
    throw new NativeLoadError(
      `${path} speaks agent protocol ${candidate.abiVersion}, this package ${AGENT_ABI_VERSION}: build it anew (npm run setup)`,
    );
  }
  loaded = candidate;
  return loaded;
}

/** Path of the agent's static ELF. */
export function agentPath(): string {
  return prebuilt('agent');
}

/** Path of the blob that is injected into tasks. */
export function agentBlobPath(): string {
  return prebuilt('agent.blob');
}

/** Path of the program that holds a plugin for CRIU. */
export function pluginHostPath(): string {
  return prebuilt('plugin-host');
}

/** Path of the pager: a process that brings the memory of restored tasks while they run. */
export function pagerPath(): string {
  return prebuilt('pager');
}
