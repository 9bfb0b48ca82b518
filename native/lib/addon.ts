// Types of the addon's functions, and the loader, which checks the version of the agent's protocol.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AGENT_ABI_VERSION } from './abi.generated.js';
import { NativeLoadError, thisMachine, unfitMachine } from './machine.js';

/** An argument of a system call: a number, a 64-bit word, or an array of this process whose address is passed. */
export type SysArg = number | bigint | NodeJS.TypedArray | null | undefined;

/** Result of a scan for pages. */
export interface PagemapScan {
  errno: number;
  /**
   * Start, end and flags of each run of pages in memory or swapped out, without zero pages and pages of files. Adjacent
   * runs with the same flags are joined.
   */
  starts: Float64Array;
  ends: Float64Array;
  flags: Uint8Array;
  /** Indexes of ranges with flags 0 that have such pages. */
  noted: Uint32Array;
  /** Guard regions of MADV_GUARD_INSTALL. */
  guards: BigUint64Array;
}

/**
 * Components of the XSAVE area behind the legacy part and the header. Offsets and sizes are in bytes; offsets count
 * from the start of the area.
 */
export interface XsaveLayout {
  shstk: boolean;
  components: { bit: number; offset: number; size: number }[];
}

/** The beginning of a file in huge pages that this process has mapped. */
export interface HugePart {
  readonly __huge: never;
}

/**
 * Result of a function that moves pages: `errno` 0 for success, else `address` is the start of the range that failed.
 */
export interface PumpResult {
  errno: number;
  address: bigint;
}

/** One byte for each compared page, in the order of the ranges: 1 if both sides are equal. */
export interface PageComparison extends PumpResult {
  same: Uint8Array;
}

/**
 * Mappings parsed from smaps: pairs of start and end address, and for each the number of its description; the
 * descriptions that no earlier mapping has, a row for each (`MAPPING_*` of mappings.h); and the texts to which rows
 * refer, as latin1: those that no earlier row refers to. Descriptions and texts are numbered through a whole file.
 */
export interface MappingRows {
  places: Float64Array;
  descriptions: Uint32Array;
  small: Int32Array;
  large: BigUint64Array;
  /** Bytes of pages in private mappings that have been written and that other processes have, too (copy-on-write). */
  shared: number;
  paths: string[];
  flags: string[];
}

/** All files of a small folder: a row for each (`TREE_*` of tree.h), and the paths and contents one after the other. */
export interface TreeRows {
  small: Uint32Array;
  large: BigInt64Array;
  text: Buffer;
}

/** Handle of {@link Addon.beginMappings}. */
export type BegunMappings = object & { readonly __begun: 'mappings' };

/** Handle of {@link Addon.beginDescriptors}. */
export type BegunDescriptors = object & { readonly __begun: 'descriptors' };

/** Handle of a table that numbers open file descriptions. */
export type Descriptions = object & { readonly __numbered: 'descriptions' };

/** Handle of a list of socket options to query and of the answers so far. */
export type Questions = object & { readonly __queried: 'options' };

/** Arguments of {@link Addon.makeQuestions}: the sockets that are queried, and for which options. */
export interface SocketsAsked {
  /** AF_*, or -1 for any. */
  readonly family: number;
  /** SOCK_*, or -1 for any. */
  readonly type: number;
  /** IPPROTO_*, or -1 for any. */
  readonly protocol: number;
  /** 1 for TCP sockets that have a peer, 0 for all others, -1 for both. */
  readonly connected: number;
  /** Index in the row of a descriptor for the number of the answer: `DESCRIPTOR_OPTIONS` or `DESCRIPTOR_PEER`. */
  readonly place: number;
  /** Level, name and room in bytes of each option. */
  readonly wanted: Int32Array;
}

/** Arguments of {@link Addon.beginDescriptors}. */
export interface DescriptorsWanted {
  readonly pid: number;
  readonly pidfd: number;
  readonly fds: Int32Array;
  /**
   * Rows for the descriptors (`DESCRIPTOR_*` of descriptors.h). The addon fills them until `endDescriptors` returns.
   */
  readonly small: Int32Array;
  readonly large: BigUint64Array;
  /** Whether a thread fills the rows at once; otherwise `endDescriptors` does. */
  readonly ahead: boolean;
  /** Table that gets the open file descriptions. */
  readonly descriptions: Descriptions;
  /** Options to query of sockets. */
  readonly questions: readonly Questions[];
}

export interface Addon {
  readonly abiVersion: number;
  /** syscall(2). A result in [-4095, -1] is a negated errno. Results are exact up to 2^53. */
  sys(nr: number, ...args: SysArg[]): number;
  sysBig(nr: number, ...args: SysArg[]): bigint;
  /** Contents of a file of procfs in one call, with one character for each byte (latin1); or -errno. */
  readText(path: string): string | number;
  /** The target of a symbolic link, with one character for each byte (latin1); or -errno. */
  readLink(path: string): string | number;
  /** The st_mode of a file, of a symbolic link its own; or -errno. */
  linkMode(path: string): number;
  /** Numeric names in a directory in ascending order; or -errno. */
  readNumbers(path: string): Int32Array | number;
  /** Begins to read the mappings in a file like `/proc/PID/smaps`; or -errno. */
  beginMappings(path: string): BegunMappings | number;
  /**
   * The next mappings, while a thread reads on; undefined when all have been read; a description and line number for an
   * unknown format; or -errno.
   */
  nextMappings(begun: BegunMappings): MappingRows | { fault: string; line: number } | number | undefined;
  /** Has the thread read no further. */
  endMappings(begun: BegunMappings): void;
  /** Begins to inspect descriptors of a process. */
  beginDescriptors(wanted: DescriptorsWanted): BegunDescriptors;
  /**
   * Waits until all descriptors are inspected. Returns two latin1 texts for each: its link in `/proc/PID/fd`, and the
   * lines of its fdinfo behind the fields that all kinds have. The caller owns the copies whose numbers are in the
   * rows.
   */
  endDescriptors(begun: BegunDescriptors): string[];
  /** Waits until all descriptors are inspected and closes their copies. */
  closeCopies(begun: BegunDescriptors): void;
  /** Returns an empty table of open file descriptions. */
  makeDescriptions(): Descriptions;
  /**
   * Kills this process after so many seconds without `signOfLife`, after it has written `lastWords` to standard error.
   * @returns a handle
   */
  beginWatch(seconds: number, lastWords: string): unknown;
  signOfLife(handle: unknown): void;
  endWatch(handle: unknown): void;
  /**
   * Searches an object of a process (`type`: KCMP_*) among those of the first `count` processes in `pids`, which are in
   * the order of kcmp(2). Returns its index; -1 minus the index at which to insert it if it is none of them; or at most
   * -1e9 minus the errno if kcmp(2) fails.
   */
  placeOfObject(type: number, pid: number, pids: Int32Array, count: number): number;
  /** The checksum of gzip (RFC 1952, 8). */
  crc32(bytes: Uint8Array): number;
  /** Starts a thread that reads a file of procfs; {@link takeAhead} waits for it. */
  readAhead(path: string): TextAhead;
  /** The text that was read, in the form of `readText`. */
  takeAhead(text: TextAhead): string | number;
  /** Address of the first byte; valid while the caller keeps the array. */
  addressOf(bytes: NodeJS.TypedArray): bigint;
  /** process_vm_readv(2) of one range into `bytes`. Returns the number of bytes or -errno. */
  vmRead(pid: number, address: bigint | number, bytes: NodeJS.TypedArray): number;
  /** process_vm_writev(2) of one range. Returns the number of bytes or -errno. */
  vmWrite(pid: number, address: bigint | number, bytes: NodeJS.TypedArray): number;
  /**
   * Starts the ELF file of the agent with `controlFd` as its descriptor `childFd`. Returns its pid or -errno. `setTid`:
   * pids from the innermost pid namespace outwards. `groups`: supplementary group ids. `pidNs`: descriptor of the pid
   * namespace for the child.
   */
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
  /** socket(2) by a helper process in another network namespace. Returns a descriptor of this process, or -errno. */
  socketIn(netns: number, family: number, type: number, protocol: number): number;
  /**
   * getsockopt(2) of many options. `wanted`: level, name and room in bytes of each. `values` gets the values, each at
   * the end of the room of the previous one; `lengths` gets their lengths in bytes, or -errno.
   */
  readOptions(fd: number, wanted: Int32Array, lengths: Int32Array, values: Uint8Array): void;
  /** Options to query of all sockets of a kind. */
  makeQuestions(asked: SocketsAsked): Questions;
  /** The answer with this number: the lengths, 4 bytes each, and then the values, as in `readOptions`. */
  answerTo(questions: Questions, number: number): Buffer;
  /** Wait status of a child that node:child_process did not start, or -errno. */
  waitChild(pid: number, keepAlive: boolean): Promise<number>;
  /**
   * Waits for a descriptor in the event loop. Resolves to the events of epoll(7) that occurred, or to -errno. A
   * descriptor can have one wait at a time.
   */
  pollFd(fd: number, events: number): Promise<number>;
  /** Ends the wait for a descriptor with -ECANCELED. Must be called before the descriptor is closed. */
  pollCancel(fd: number): void;
  channelStart(deliver: (fd: number, closed: boolean, bytes: Buffer, fds: number[]) => void): void;
  channelRef(keepAlive: boolean): void;
  channelAdd(fd: number): number;
  channelRemove(fd: number): void;
  channelSend(fd: number, bytes: Buffer, fds: number[]): number;
  /**
   * Copies ranges of a task, given as pairs of (address, bytes), or of the file `source` if `pid` is 0, given as pairs
   * of (offset, bytes), to a file, one after the other from `offset` on. With a `pid`, `source` is -1 or an open
   * /proc/PID/mem, which leaves pages shared that are shared copy-on-write. `lenient`: missing pages become zero and are
   * no error. `huge`: the result of `prepareFile` for the file.
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
   * As `pumpToFile`, but compressed. Ranges are split into blocks of at most `block` bytes. Each block is compressed by
   * itself; a block that would not become shorter is stored plain, and one of zeros has no bytes at all. `sizes` has
   * the stored bytes of each block.
   * @param codec 0: LZ4 blocks; 1: Zstandard frames
   * @param acceleration from 1 up: higher values are faster and compress less
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
   * As `packToFile`, into a socket for the server of compressed pages: groups of blocks, each behind a record and the
   * sizes of its blocks.
   * @param records 32 bytes for each range; address and number of pages are set for each group. A range of 0 bytes is
   * its record alone
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
   * Decompresses blocks of one file into another, given as (offset, bytes, offset decompressed, bytes decompressed).
   * Returns when all are done; on failure `address` is the offset of the block, and EBADMSG means that its contents are
   * invalid.
   */
  unpackFile(source: number, fd: number, blocks: BigUint64Array, codec: number, threads: number): PumpResult;
  /** Bytes of pages that this process has moved so far, including unfinished jobs. */
  movedBytes(): number;
  /**
   * Allocates `bytes` bytes of a file and writes zeros to the first `filled`, so that later writes find the pages in
   * the page cache. On tmpfs it makes huge pages instead if `mayBeHuge` and while they cost no more than small ones;
   * the size of the file then is a multiple of the size of a huge page. `small`: huge pages turned out to cost more.
   */
  prepareFile(
    fd: number,
    bytes: number,
    filled: number,
    mayBeHuge: boolean,
  ): Promise<PumpResult & { huge?: HugePart; small: boolean }>;
  /** Releases the mapping of the huge pages, which is removed when no job uses it any more. */
  letHugeGo(huge: HugePart): void;
  /**
   * Whether each of `count` huge pages (2 MiB) takes less than half the CPU time of the same memory in small pages. They
   * are allocated for that, and freed again.
   */
  hugePagesPay(count: number): boolean;
  /** Pages in `ranges` (ascending pairs of start and end) that are a task's own. `flags` has the flags for each range. */
  pagemapScan(pid: number, ranges: BigUint64Array, flags: Uint8Array): PagemapScan;
  /** Pairs of address and length of the runs whose flags contain `bit`. */
  runRanges(starts: Float64Array, ends: Float64Array, flags: Uint8Array, bit: number): BigUint64Array;
  /**
   * Guard regions (MADV_GUARD_INSTALL) of a task in `ranges` (pairs of start and end), as triples of start, end and
   * index of the range. Kernels before 6.15 report none.
   */
  pagemapGuards(pid: number, ranges: BigUint64Array): { errno: number; guards: BigUint64Array };
  /**
   * Write-protects the existing pages in `ranges` (pairs of start and end), in mappings that are registered with a
   * userfaultfd with UFFD_FEATURE_WP_ASYNC. Returns 0 or an errno.
   */
  pagemapProtect(pid: number, ranges: BigUint64Array): number;
  /**
   * One bit of the words in /proc/PID/pagemap for the pages in `ranges` (pairs of start and end): a byte for each page,
   * 1 if the bit is set. Bit 55: written to since soft-dirty was cleared; bit 57: not written to since
   * write-protection.
   */
  pagemapBit(pid: number, ranges: BigUint64Array, bit: number): { errno: number; set: Uint8Array };
  /**
   * Compares pages of a task, or of the file `fd` if `pid` is 0, with pages of files. `ranges`: address (or offset),
   * length in bytes, descriptor of the other file, and offset there, for each range.
   */
  comparePages(pid: number, fd: number, ranges: BigUint64Array, threads: number): Promise<PageComparison>;
  /**
   * Sends, for each pair of (address, length) in `ranges`, a record and then that memory of a task, or of the file `fd`
   * if `pid` is 0. A length of 0 sends the record alone.
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
   * For each path in `paths`, relative to `folder` and followed by a newline: the mtime in ms, as in Node's fs.Stats,
   * and the size in bytes; NaN and -1 for a missing file. The launcher uses it.
   */
  statMany(folder: string, paths: string): Float64Array;
  /**
   * Contents of a file as a string with one character for each byte (latin1), which is not copied; undefined if there
   * is no such file, it is empty, or this Node cannot do that. The launcher uses it.
   */
  readLatin1(path: string): string | undefined;
  /** Contents of a file in memory that is populated in one go; undefined if there is no such file, or it is empty. */
  readBytes(path: string): Buffer | undefined;
  /** Mode and size in bytes of the files of a task's descriptors; -1 and the errno for a descriptor that fails. */
  statDescriptors(pid: number, numbers: Int32Array): Float64Array;
  /**
   * All files below an open folder, which comes first; folders come before what is in them, and that by name. Contents of
   * files are read until they have more than `bytes`. Undefined if there are more than `files`.
   */
  walkTree(folder: number, files: number, bytes: number): TreeRows | undefined;
  /** Sets flags of V8, in the syntax of the command line of node, from now on. */
  setV8Flags(flags: string): void;
  /** The CPUID instruction: eax, ebx, ecx and edx, each as an unsigned 32-bit number. */
  cpuid(leaf: number, subleaf: number): [number, number, number, number];
}

declare const ahead: unique symbol;
/** Handle of {@link Addon.readAhead}. */
export interface TextAhead {
  readonly [ahead]: never;
}

/** What the launcher of a command has loaded (tools/launcher.cjs): finding and loading it again takes 1 ms. */
interface Launched {
  /** Its folder. */
  readonly prebuilds: string;
  readonly addon: Addon;
  /** Files of procfs that it has threads read. */
  readonly ahead?: Map<string, TextAhead>;
}

const launched = (globalThis as { readonly [key: symbol]: unknown })[Symbol.for('criu.native')] as
  | Launched
  | undefined;

function prebuilt(name: string): string {
  const path = launched
    ? `${launched.prebuilds}/${name}`
    : fileURLToPath(new URL(`../prebuilds/linux-${process.arch}/${name}`, import.meta.url));
  if (existsSync(path)) return path;
  const unfit = unfitMachine(thisMachine());
  throw new NativeLoadError(unfit ?? `${path} is missing: it was not built (npm run setup)`);
}

/** @throws NativeLoadError */
function load(path: string): Addon {
  // As `require` does; importing node:module costs 0.5 ms.
  const module = { exports: {} };
  try {
    process.dlopen(module, path);
  } catch (cause) {
    const unfit = unfitMachine(thisMachine());
    throw new NativeLoadError(unfit ?? `cannot load ${path}: ${(cause as Error).message}`, { cause });
  }
  return module.exports as Addon;
}

let loaded: Addon | undefined;

/**
 * The addon, which is loaded at the first call.
 * @throws NativeLoadError if it is missing, does not fit this machine, or has another protocol version
 */
export function addon(): Addon {
  if (loaded) return loaded;
  const path = prebuilt('criu.node');
  const candidate = launched?.addon ?? load(path);
  if (candidate.abiVersion !== AGENT_ABI_VERSION) {
    throw new NativeLoadError(
      `${path} speaks agent protocol ${candidate.abiVersion}, this package ${AGENT_ABI_VERSION}: build it anew (npm run setup)`,
    );
  }
  loaded = candidate;
  return loaded;
}

/** Starts a thread that reads a file of procfs, unless the launcher has; each start of the launcher's serves once. */
export function readAhead(path: string): TextAhead {
  const begun = launched?.ahead?.get(path);
  launched?.ahead?.delete(path);
  return begun ?? addon().readAhead(path);
}

/** Path of the static ELF file of the agent. @throws NativeLoadError */
export function agentPath(): string {
  return prebuilt('agent');
}

/** Path of the blob that is injected into tasks. @throws NativeLoadError */
export function agentBlobPath(): string {
  return prebuilt('agent.blob');
}

/** Path of the program that runs a plugin for CRIU. @throws NativeLoadError */
export function pluginHostPath(): string {
  return prebuilt('plugin-host');
}

/** Path of the pager, the process that fills the memory of restored tasks while they run. @throws NativeLoadError */
export function pagerPath(): string {
  return prebuilt('pager');
}
