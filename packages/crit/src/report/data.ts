// All contents of a report as data. Invalid images are left out and listed as problems.
import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import {
  CoreEntryMarch,
  decodeName,
  type FileEntry,
  ImageError,
  ImageSet,
  type PstreeEntry,
  parseFileName,
  pathArg,
} from '@criu/images';
import type { ContainerInfo } from '../archive/container.js';
import { unpackedFrom } from '../archive/unpack.js';
import { Explorer } from '../explore.js';
import { AddressSpace, type MemoryKind, memoryKinds } from '../memory/address-space.js';
import { listMappings, type MappingUse } from '../memory/listing.js';
import { type MountNamespace, mountTrees } from '../mounts.js';
import { type SocketRow, sockets } from '../sockets.js';
import { type Problem, verify } from '../verify/index.js';
import { Report } from '../verify/report.js';
import { bytesInPipes, type Connection, connectionsOf } from './connections.js';
import { containerOf } from './container.js';
import { type Credentials, credentialsOf, environmentOf, type Variable } from './credentials.js';
import { type DescriptorUse, describeDescriptors } from './descriptors.js';
import { type NamespaceUse, namespacesOf } from './namespaces.js';
import { type Origin, originOf } from './origin.js';

/** Sizes in bytes. */
export interface MemoryUse {
  readonly mapped: bigint;
  /** Bytes in the images of this checkpoint and its parents. */
  readonly stored: bigint;
}

export interface ReportProcess {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
  readonly depth: number;
  /** For this process and each of its ancestors below the root: whether a sibling follows it. */
  readonly branches: readonly boolean[];
  readonly comm: string;
  readonly state: string;
  readonly threads: readonly { readonly tid: number; readonly comm: string }[];
  /** Empty if the images do not have the arguments. */
  readonly args: readonly string[];
  readonly exe?: string;
  readonly cwd?: string;
  readonly root?: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly credentials?: Credentials;
  /** Values of variables whose names suggest secrets are left out unless requested. */
  readonly environment: readonly Variable[];
  readonly mappings: readonly MappingUse[];
  /** Shared memory counts in each process that maps it. */
  readonly memory: Readonly<Record<MemoryKind, MemoryUse>>;
  readonly total: MemoryUse;
  readonly descriptors: readonly DescriptorUse[];
  /** An earlier process in the list with which this one shares its descriptor table. */
  readonly descriptorsOf?: number;
}

export interface ReportOptions {
  /** Include the values of environment variables whatever their names. */
  readonly secrets?: boolean | undefined;
}

export interface ReportData {
  readonly name: string;
  readonly origin: Origin;
  /** Only for checkpoints that a container engine has exported. */
  readonly container: ContainerInfo | undefined;
  readonly architecture: string;
  readonly formatVersion: number | undefined;
  /** Only for dumps with statistics: how long the processes were frozen, in microseconds. */
  readonly frozenTime: number | undefined;
  readonly processes: readonly ReportProcess[];
  /** Sum of all processes, with shared memory counted once. */
  readonly memory: Readonly<Record<MemoryKind, MemoryUse>>;
  readonly sockets: readonly SocketRow[];
  readonly connections: readonly Connection[];
  readonly namespaces: readonly NamespaceUse[];
  readonly mounts: readonly MountNamespace[];
  readonly problems: readonly Problem[];
  readonly files: { readonly count: number; readonly bytes: number };
  readonly hasParent: boolean;
}

/** Names of `task_core_entry.task_state`. */
const STATES: Readonly<Record<number, string>> = { 1: 'alive', 2: 'dead', 3: 'stopped', 6: 'zombie' };
const ENDED: ReadonlySet<number> = new Set([2, 6]);
/** Limit of a command line in bytes; a longer one is cut. */
const ARGUMENTS = 4096n;

/**
 * @param dir directory of images
 * @throws ImageError if the directory cannot be read, or has no images
 */
export function reportData(dir: string, options: ReportOptions = {}): ReportData {
  const set = new ImageSet(dir);
  const names = set.names();
  if (!names.some((name) => parseFileName(name).is === 'image'))
    throw new ImageError('unresolved', 'the directory has no images', dir);
  const report = new Report(set);
  report.problems.push(...verify(dir).problems);
  const explorer = new Explorer(set);
  const tasks = report.attempt(() => set.tasks()) ?? [];
  const tables = new Map<number, number>();
  const processes = inOrder(tasks).map((place) => describe(explorer, report, tables, place, options));
  const core = report.attempt(() => (tasks[0] === undefined ? undefined : set.core(tasks[0].pid)));
  const march = Object.entries(CoreEntryMarch).find(([, value]) => value === core?.mtype)?.[0];
  const inventory = report.attempt(() => set.inventory());
  const stats = set.has('STATS', 'dump') ? report.attempt(() => set.single('STATS', 'dump')) : undefined;
  const container = containerOf(dir);
  const rows = report.attempt(() => sockets(set)) ?? [];
  const files = report.attempt(() => set.files()) ?? new Map<number, FileEntry>();
  const bytes = report.attempt(() => bytesInPipes(set)) ?? new Map<number, number>();
  return {
    origin: originOf(report, stats?.origin, container),
    name: basename(resolve(unpackedFrom(dir)?.origin ?? dir)),
    container,
    architecture: march === undefined ? 'unknown' : march.toLowerCase().replace('x86_64', 'x86-64'),
    formatVersion: inventory?.img_version,
    frozenTime: stats?.dump?.frozen_time,
    processes,
    memory: allMemory(report, names, processes),
    sockets: rows,
    connections: connectionsOf(files, rows, holdersOf(processes), bytes),
    namespaces: namespacesOf(
      report,
      processes.map(({ pid }) => pid),
      inventory,
    ),
    mounts: mountTrees(set, (work) => report.attempt(work)),
    problems: report.problems,
    files: { count: names.length, bytes: sizeOf(set, names) },
    hasParent: names.includes('parent'),
  };
}

/**
 * The processes and descriptors that refer to each file. A descriptor table shared by several processes counts for the
 * first one.
 */
function holdersOf(processes: readonly ReportProcess[]) {
  const holders = new Map<number, { pid: number; fds: number[] }[]>();
  for (const { pid, descriptors } of processes) {
    for (const { fd, file } of descriptors) {
      const list = holders.get(file);
      const last = list?.at(-1);
      if (list === undefined) holders.set(file, [{ pid, fds: [fd] }]);
      else if (last?.pid === pid) last.fds.push(fd);
      else list.push({ pid, fds: [fd] });
    }
  }
  return holders;
}

interface Place {
  readonly task: PstreeEntry;
  readonly branches: readonly boolean[];
}

/** The processes in depth-first order. Those whose parent is missing are at the top level. */
function inOrder(tasks: readonly PstreeEntry[]): Place[] {
  const children = new Map<number, PstreeEntry[]>();
  const pids = new Set(tasks.map((task) => task.pid));
  for (const task of tasks) {
    const parent = pids.has(task.ppid) && task.ppid !== task.pid ? task.ppid : 0;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [task]);
    else siblings.push(task);
  }
  const places: Place[] = [];
  const seen = new Set<number>();
  // An explicit stack: a malicious tree may be deeper than the stack of JavaScript.
  const stack: Place[] = [];
  const push = (list: readonly PstreeEntry[], above: readonly boolean[], top: boolean): void => {
    for (const [index, task] of [...list.entries()].reverse()) {
      stack.push({ task, branches: top ? [] : [...above, index < list.length - 1] });
    }
  };
  push(children.get(0) ?? [], [], true);
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    if (seen.has(place.task.pid)) continue;
    seen.add(place.task.pid);
    places.push(place);
    push(children.get(place.task.pid) ?? [], place.branches, false);
  }
  return places;
}

function describe(
  explorer: Explorer,
  report: Report,
  tables: Map<number, number>,
  { task, branches }: Place,
  { secrets = false }: ReportOptions,
): ReportProcess {
  const { set } = explorer;
  const { pid, ppid, pgid, sid } = task;
  const core = report.attempt(() => set.core(pid));
  const fs = report.attempt(() => set.fs(pid));
  const credentials = report.attempt(() => credentialsOf(core));
  // The list of threads of a process that has ended is empty.
  const ended = core?.tc !== undefined && ENDED.has(core.tc.task_state);
  const threads = (ended ? [] : task.threads).map((tid) => {
    const own = tid === pid ? core : report.attempt(() => set.core(tid));
    return { tid, comm: own?.thread_core?.comm ?? own?.tc?.comm ?? '' };
  });
  const state = core?.tc?.task_state;
  const base = {
    ...{ pid, ppid, pgid, sid, branches, threads, depth: branches.length },
    comm: core?.tc?.comm ?? '',
    state: state === undefined ? 'unknown' : (STATES[state] ?? `state ${state}`),
    ...(credentials && { credentials, user: { uid: credentials.uids[0], gid: credentials.gids[0] } }),
    environment: [],
    ...(fs && report.attempt(() => ({ cwd: explorer.path(fs.cwd_id), root: explorer.path(fs.root_id) }))),
    ...table(explorer, report, tables, pid),
  };
  if (!set.has('MM', pid)) return { ...base, args: [], mappings: [], ...sum([]) };
  return (
    report.attempt(() => {
      using space = new AddressSpace(explorer, pid);
      const { mm } = space;
      const mappings = report.attempt(() => listMappings(space)) ?? [];
      const args = report.attempt(() => argumentsOf(space, mm.mm_arg_start, mm.mm_arg_end)) ?? [];
      const environment = report.attempt(() => environmentOf(space, mm, secrets)) ?? [];
      const exe = explorer.path(mm.exe_file_id);
      return { ...base, exe, args, environment, mappings, ...sum(mappings) };
    }) ?? { ...base, args: [], mappings: [], ...sum([]) }
  );
}

function table(
  explorer: Explorer,
  report: Report,
  tables: Map<number, number>,
  pid: number,
): Pick<ReportProcess, 'descriptors' | 'descriptorsOf'> {
  const { set } = explorer;
  const id = report.attempt(() => set.ids(pid))?.files_id;
  if (id === undefined) return { descriptors: [] };
  const owner = tables.get(id);
  if (owner !== undefined) return { descriptors: [], descriptorsOf: owner };
  tables.set(id, pid);
  return { descriptors: report.attempt(() => describeDescriptors(explorer, pid)) ?? [] };
}

function argumentsOf(space: AddressSpace, start: bigint, end: bigint): string[] {
  const size = end - start;
  if (size <= 0n || space.memory === undefined) return [];
  const bytes = space.memory.read(start, Number(size < ARGUMENTS ? size : ARGUMENTS));
  const text = decodeName(bytes).replace(/\0+$/, '');
  return text === '' ? [] : text.split('\0');
}

function sum(mappings: readonly MappingUse[]): Pick<ReportProcess, 'memory' | 'total'> {
  const memory = nothing();
  let [mapped, stored] = [0n, 0n];
  for (const use of mappings) {
    const kind = memory[use.kind];
    memory[use.kind] = { mapped: kind.mapped + use.size, stored: kind.stored + use.stored };
    mapped += use.size;
    stored += use.stored;
  }
  return { memory, total: { mapped, stored } };
}

function nothing(): Record<MemoryKind, MemoryUse> {
  const none = { mapped: 0n, stored: 0n };
  return Object.fromEntries(memoryKinds.map((kind) => [kind, none])) as Record<MemoryKind, MemoryUse>;
}

function allMemory(
  report: Report,
  names: readonly string[],
  processes: readonly ReportProcess[],
): Record<MemoryKind, MemoryUse> {
  const memory = nothing();
  for (const process of processes) {
    for (const kind of memoryKinds) {
      const { mapped, stored } = process.memory[kind];
      memory[kind] = { mapped: memory[kind].mapped + mapped, stored: memory[kind].stored + stored };
    }
  }
  let stored = 0n;
  for (const name of names) {
    const id = /^pagemap-shmem-(\d+)\.img$/.exec(name)?.[1];
    if (id === undefined) continue;
    report.attempt(() => {
      using shared = report.set.sharedMemory(BigInt(id));
      if (shared === undefined) return;
      for (const segment of shared.segments()) {
        if (segment.source !== undefined) stored += segment.end - segment.start;
      }
    });
  }
  return { ...memory, shared: { ...memory.shared, stored } };
}

function sizeOf(set: ImageSet, names: readonly string[]): number {
  let bytes = 0;
  for (const name of names) {
    const found = statSync(pathArg(set.path(name)), { throwIfNoEntry: false });
    if (found?.isFile()) bytes += found.size;
  }
  return bytes;
}
