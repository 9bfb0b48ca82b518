// Memory that an agent fills with pages from a file: whatever it has already, and without a trace in its mappings.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, type PagesPart, Program } from '@criu/compel';
import { closeSync, openSync, readSync } from '@criu/native/fs';
import {
  MADV_DONTDUMP,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  O_RDONLY,
  PROT_READ,
  PROT_WRITE,
} from '@criu/native/uapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PAGE = 4096;
const MiB = 1 << 20;
const BYTES = 32 * MiB;
const PIECE = 8 * MiB;

let dir = '';
let file = '';
const contents = Buffer.alloc(BYTES);

beforeAll(() => {
  for (let at = 0; at < BYTES; at += 8) contents.writeDoubleLE(at * Math.E, at);
  dir = mkdtempSync(join(tmpdir(), 'pages-'));
  file = join(dir, 'pages');
  writeFileSync(file, contents);
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Lines of the mappings between two addresses. */
function mappings(pid: number, start: number, end: number): string[] {
  const lines = readFileSync(`/proc/${pid}/maps`, 'latin1').trim().split('\n');
  return lines.filter((line) => {
    const [from = 0, to = 0] = (line.split(' ')[0] ?? '').split('-').map((word) => Number.parseInt(word, 16));
    return from < end && to > start;
  });
}

function memory(pid: number, start: number): Buffer {
  const out = Buffer.alloc(BYTES);
  const fd = openSync(`/proc/${pid}/mem`, 'r');
  try {
    expect(readSync(fd, out, 0, BYTES, start)).toBe(BYTES);
  } finally {
    closeSync(fd);
  }
  return out;
}

interface Filled {
  readonly parts: readonly { readonly start: number; readonly end: number; readonly how: PagesPart['how'] }[];
  /** A file whose private mapping is filled, instead of anonymous memory. */
  readonly mapped?: string;
  readonly prepare?: (p: Program, start: number) => void;
}

/** Fills memory of an agent, and compares it with the file, and its mappings and descriptors with those before. */
async function fill({ parts, mapped, prepare }: Filled): Promise<void> {
  await using agent = Agent.start();
  const first = new Program('map');
  const backing =
    mapped === undefined ? -1 : first.syscall('openat', [-100, first.cstring(mapped), O_RDONLY]);
  const flags = MAP_PRIVATE | (mapped === undefined ? MAP_ANONYMOUS : 0);
  const at = first.syscall('mmap', [0, BYTES, PROT_READ | PROT_WRITE, flags, backing, 0]);
  const fd = first.syscall('openat', [-100, first.cstring(file), O_RDONLY]);
  const mappedAs = await agent.run(first);
  const [start, source] = [mappedAs.value(at), mappedAs.value(fd)];
  if (prepare) {
    const second = new Program('prepare');
    prepare(second, start);
    await agent.run(second);
  }
  const before = mappings(agent.pid, start, start + BYTES);
  const open = readdirSync(`/proc/${agent.pid}/fd`);
  const p = new Program('fill');
  const list = parts.map((part) => ({
    start: BigInt(start + part.start),
    end: BigInt(start + part.end),
    fd: source,
    offset: part.start,
    how: part.how,
  }));
  p.pages(list, 3);
  await agent.run(p);
  expect(memory(agent.pid, start).equals(contents)).toBe(true);
  expect(mappings(agent.pid, start, start + BYTES)).toEqual(before);
  expect(readdirSync(`/proc/${agent.pid}/fd`)).toEqual(open);
}

/** All of it, the two halves in turn: those that are filled at the same time are not neighbours. */
function pieces(how: PagesPart['how']) {
  const half = BYTES / PIECE / 2;
  return Array.from({ length: 2 * half }, (_, i) => {
    const start = ((i % 2) * half + (i >> 1)) * PIECE;
    return { start, end: start + PIECE, how };
  });
}

describe('memory that is filled in pieces', () => {
  it('stays one mapping', () => fill({ parts: pieces('populate') }));
  it('stays one mapping where huge pages are not made', () => fill({ parts: pieces('huge') }));
  it('may have pages, of which it keeps nothing', () =>
    fill({
      parts: pieces('populate'),
      prepare: (p, start) => {
        for (let at = 0; at < BYTES; at += MiB + 3 * PAGE) p.poke(start + at, 1, 8);
      },
    }));
  it('may belong to several mappings', () =>
    fill({
      parts: [{ start: 0, end: BYTES, how: 'populate' }],
      prepare: (p, start) => {
        p.syscall('madvise', [start + 3 * MiB, MiB, MADV_DONTDUMP]);
      },
    }));
  it('may be that of a file', () => fill({ parts: pieces('populate'), mapped: file }));
});
