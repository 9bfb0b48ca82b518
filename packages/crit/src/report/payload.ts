// The data of a report that its page carries for the script, with repeated values stored once, and compressed.
import { gzipSync } from 'node:zlib';
import { memoryKinds } from '../memory/address-space.js';
import type { ConnectionEnd } from './connections.js';
import type { Credentials, Variable } from './credentials.js';
import type { ReportData } from './data.js';
import { visible } from './html.js';

/** Sizes in bytes; `what` and `prot` are indexes in `strings`, `kind` in `kinds`. The address is hexadecimal. */
export type MappingRow = readonly [
  start: string,
  size: number,
  prot: number,
  kind: number,
  what: number,
  stored: number,
  inParent: number,
  lazy: number,
];

/** `type`, `what` and `flags` are indexes in `strings`. */
export type DescriptorRow = readonly [
  fd: number,
  type: number,
  what: number,
  flags: number,
  closeOnExec: 0 | 1,
  position?: string,
];

export interface PayloadProcess {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
  readonly depth: number;
  readonly comm: string;
  readonly state: string;
  readonly threads: readonly (readonly [tid: number, comm: string])[];
  /** Index in `commands`. */
  readonly command: number;
  readonly exe: string;
  readonly cwd: string;
  readonly root: string;
  /** Indexes in `credentials` and `environments`; -1 without one. */
  readonly credentials: number;
  readonly environment: number;
  readonly mappings: readonly MappingRow[];
  readonly descriptors: readonly DescriptorRow[];
  /** The process with which this one shares its descriptor table. */
  readonly descriptorsOf?: number;
}

export type PayloadEnd = readonly [
  address: string,
  received: number,
  unsent: number,
  holders: readonly (readonly [pid: number, ...fds: number[]])[],
];

export interface Payload {
  readonly strings: readonly string[];
  readonly kinds: readonly string[];
  readonly commands: readonly (readonly string[])[];
  readonly credentials: readonly Credentials[];
  readonly environments: readonly (readonly Variable[])[];
  readonly processes: readonly PayloadProcess[];
  readonly connections: readonly (readonly [
    kind: string,
    state: string,
    from: PayloadEnd,
    to?: PayloadEnd,
  ])[];
  /** Stored bytes by kind, with shared memory counted once. */
  readonly memory: readonly { readonly mapped: number; readonly stored: number }[];
  readonly namespaces: readonly (readonly [
    kind: string,
    id: number,
    own: boolean,
    pids: readonly number[],
  ])[];
}

/** Values by index; equal values have the same index. */
class Places<T> {
  readonly values: T[] = [];
  private readonly known = new Map<string, number>();

  of(value: T): number {
    const key = typeof value === 'string' ? value : JSON.stringify(value);
    let place = this.known.get(key);
    if (place === undefined) {
      place = this.values.push(value) - 1;
      this.known.set(key, place);
    }
    return place;
  }
}

export function payloadOf(data: ReportData): Payload {
  const strings = new Places<string>();
  const commands = new Places<readonly string[]>();
  const credentials = new Places<Credentials>();
  const environments = new Places<readonly Variable[]>();
  const end = ({ address, received, unsent, holders }: ConnectionEnd): PayloadEnd => [
    address,
    received,
    unsent,
    holders.map(({ pid, fds }) => [pid, ...fds]),
  ];
  const processes = data.processes.map((process): PayloadProcess => {
    const { pid, ppid, pgid, sid, depth, comm, state, threads, exe = '', cwd = '', root = '' } = process;
    return {
      ...{ pid, ppid, pgid, sid, depth, comm, state, exe, cwd, root },
      threads: threads.map(({ tid, comm: name }) => [tid, name]),
      command: commands.of(process.args),
      credentials: process.credentials === undefined ? -1 : credentials.of(process.credentials),
      environment: process.environment.length === 0 ? -1 : environments.of(process.environment),
      mappings: process.mappings.map(({ start, size, prot, kind, what, stored, inParent, lazy }) => [
        start.toString(16),
        Number(size),
        strings.of(prot),
        memoryKinds.indexOf(kind),
        strings.of(what),
        Number(stored),
        Number(inParent),
        Number(lazy),
      ]),
      descriptors: process.descriptors.map(({ fd, type, what, flags, closeOnExec, position }) => [
        fd,
        strings.of(type),
        strings.of(what),
        strings.of(flags),
        closeOnExec ? 1 : 0,
        ...(position === undefined ? ([] as const) : ([String(position)] as const)),
      ]),
      ...(process.descriptorsOf === undefined ? {} : { descriptorsOf: process.descriptorsOf }),
    };
  });
  return {
    strings: strings.values,
    kinds: memoryKinds,
    commands: commands.values,
    credentials: credentials.values,
    environments: environments.values,
    processes,
    connections: data.connections.map(({ kind, state, from, to }) =>
      to === undefined ? [kind, state, end(from)] : [kind, state, end(from), end(to)],
    ),
    memory: memoryKinds.map((kind) => ({
      mapped: Number(data.memory[kind].mapped),
      stored: Number(data.memory[kind].stored),
    })),
    namespaces: data.namespaces.map(({ kind, id, own, pids }) => [kind, id, own, pids]),
  };
}

/** The payload as text in the page: JSON with invisible characters escaped, compressed with gzip, in base64. */
export function packPayload(payload: Payload): string {
  const text = JSON.stringify(payload, (_, value) => (typeof value === 'string' ? visible(value) : value));
  return gzipSync(text, { level: 9 }).toString('base64');
}
