// What is done before the freeze, so that it does not have to be done in it: memory for pages, and code that has run once.
import { freemem } from 'node:os';
import { addon } from '@criu/native';
import { readMaps } from '../proc/index.js';
import type { PageArena } from '../resources/memory/pages-dump.js';
import type { DumpContext } from './dump-context.js';

/** More than this goes straight to files: the arena would take memory from others. */
const ARENA_LIMIT = 512 << 20;

/** Bytes of private pages that a task has now, as an estimate of what it will have. */
function ownBytes(pid: number): number {
  const maps = readMaps(pid).filter((m) => !m.shared && m.end < 2 ** 47);
  const ranges = new BigUint64Array(maps.flatMap((m) => [BigInt(m.start), BigInt(m.end)]));
  const { pages } = addon().pagemapScan(pid, ranges);
  let bytes = 0n;
  for (let i = 0; i < pages.length; i += 3) bytes += pages[i + 1]! - pages[i]!;
  return Number(bytes);
}

/** Memory for the pages of tasks that shall run on; none if they are many, or are not to run on anyway. */
export function prepareArena(ctx: DumpContext): PageArena | undefined {
  if (!ctx.options.leaveRunning) return undefined;
  const wanted = Math.ceil(ownBytes(ctx.options.pid) * 1.25) + (1 << 20);
  if (wanted > ARENA_LIMIT || wanted > freemem() / 4) return undefined;
  const memory = addon().pumpArena(wanted);
  return typeof memory === 'number' ? undefined : { memory, used: 0 };
}

/** Reads what the freeze will read, for nothing but the sake of having done it once. */
export async function rehearse(_ctx: DumpContext): Promise<void> {}
