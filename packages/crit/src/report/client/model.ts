// The data of the page, unpacked and indexed by process.
import type { Payload, PayloadProcess } from '../payload.js';

export interface Task extends PayloadProcess {
  readonly index: number;
  readonly parent: Task | undefined;
  readonly children: Task[];
  /** Stored bytes by kind. */
  readonly stored: readonly number[];
  readonly total: number;
  readonly mapped: number;
  readonly line: string;
  /** Texts that a search uses, in lower case. */
  readonly words: string;
}

export interface Model extends Payload {
  readonly tasks: readonly Task[];
  readonly byPid: ReadonlyMap<number, Task>;
}

export async function unpack(base64: string): Promise<Payload> {
  const bytes = Uint8Array.from(atob(base64), (unit) => unit.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text()) as Payload;
}

export function modelOf(payload: Payload): Model {
  const byPid = new Map<number, Task>();
  const tasks = payload.processes.map((process, index): Task => {
    const stored = payload.kinds.map(() => 0);
    let mapped = 0;
    for (const [, size, , kind, , bytes] of process.mappings) {
      stored[kind] = (stored[kind] ?? 0) + bytes;
      mapped += size;
    }
    const line = (payload.commands[process.command] ?? []).join(' ') || process.exe;
    const parent = process.depth === 0 ? undefined : byPid.get(process.ppid);
    const uid = payload.credentials[process.credentials]?.uids[0];
    const task: Task = {
      ...process,
      index,
      parent,
      children: [],
      stored,
      total: stored.reduce((sum, bytes) => sum + bytes, 0),
      mapped,
      line,
      words: `${process.comm} ${process.pid} ${line} ${process.state} uid ${uid}`.toLowerCase(),
    };
    parent?.children.push(task);
    byPid.set(task.pid, task);
    return task;
  });
  return { ...payload, tasks, byPid };
}

export const string = (model: Payload, place: number): string => model.strings[place] ?? '';
