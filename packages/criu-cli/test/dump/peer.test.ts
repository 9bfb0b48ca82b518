// Beside CRIU 4.2: the same images of the same task, field for field, and CRIU restores what we dumped.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { decodeImage, describeMessage, detectKind, messageNames, readImageSync } from '@criu/images';
import { sys, sysRaw } from '@criu/native';
import { afterAll, describe, expect, it } from 'vitest';
import { dump } from '../../src/operations.js';
import { freshDir } from '../support.js';
import { cleanUp, isRoot, peer, Victim } from './victim.js';

afterAll(cleanUp);

/** Entries of all images but page contents, logs and statistics, as plain data. */
function contents(dir: string): Record<string, unknown[]> {
  const out: Record<string, unknown[]> = {};
  for (const name of readdirSync(dir).sort()) {
    if (!name.endsWith('.img') || name.startsWith('pages-')) continue;
    const bytes = readFileSync(join(dir, name));
    const kind = detectKind(bytes)!;
    out[name] = decodeImage(kind, bytes, name).map((item) =>
      JSON.parse(JSON.stringify(item, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v))),
    );
  }
  return out;
}

/** What no two dumps need to have in common: clocks, run ids, numbers of files, which parts of the FPU are in their initial state, and pages that CRIU itself has touched. */
const VARYING = /^(timens|inventory|pagemap-\d)/;
const CLOCKS = new Set(['vsec', 'vnsec', 'vusec', 'pages_id', 'xstate_bv']);
/** What CRIU's format has no room for. */
const OURS = new Set(
  messageNames.flatMap((type) =>
    describeMessage(type)
      .fields.filter(({ number }) => number >= 1000)
      .map(({ name }) => name),
  ),
);

/** A task has it from the first call that took a privilege on, which may be one of those that a dump has it make. */
const PF_SUPERPRIV = 0x100;

function withoutClocks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutClocks);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([k]) => !CLOCKS.has(k) && !OURS.has(k))
      .map(([k, v]) => [k, k === 'flags' && 'task_state' in value ? v & ~PF_SUPERPRIV : withoutClocks(v)]),
  );
}

/** CRIU writes one of two connected sockets later than it met it; files are found by id anyway. */
function inOrder(file: string, entries: unknown[]): unknown {
  const plain = withoutClocks(entries) as { entry: { id?: number } }[];
  return file === 'files.img' ? plain.sort((x, y) => x.entry.id! - y.entry.id!) : plain;
}

function criu(...args: string[]): void {
  execFileSync(peer!, args, { stdio: 'pipe' });
}

/** Takes the place of init for orphans, so that a pid is free again once its task has ended. */
function adoptOrphans(): void {
  sys('prctl', 36 /* PR_SET_CHILD_SUBREAPER */, 1, 0, 0, 0);
}

/** Waits for what has become an orphan of ours by the death of the root. */
function reapTree(dir: string, root: number): void {
  for (const { entry } of readImageSync(join(dir, 'pstree.img'), 'PSTREE'))
    if (entry.pid !== root) sysRaw('wait4', entry.pid, new Int32Array(2), 0, null);
}

function endOrphan(pid: number): void {
  process.kill(pid, 'SIGKILL');
  sysRaw('wait4', pid, new Int32Array(2), 0, null);
}

describe.skipIf(!isRoot || !peer)('beside CRIU 4.2 (needs root and CRIU_PEER)', () => {
  for (const name of ['everything', 'tree', 'sockets'])
    it(`the images of "${name}" are the same`, async () => {
      const victim = await Victim.start(name);
      try {
        const [theirs, ours] = [freshDir(), freshDir()];
        await dump({ pid: victim.pid, imagesDir: ours, leaveRunning: true, shellJob: true, fileLocks: true });
        criu(
          'dump',
          '-t',
          String(victim.pid),
          '-D',
          theirs,
          '-o',
          'd.log',
          '--shell-job',
          '--file-locks',
          '-R',
        );
        const a = contents(theirs);
        const b = contents(ours);
        expect(Object.keys(b).sort()).toEqual(Object.keys(a).sort());
        for (const file of Object.keys(a)) {
          if (VARYING.test(file)) continue;
          expect([file, inOrder(file, b[file]!)]).toEqual([file, inOrder(file, a[file]!)]);
        }
      } finally {
        await victim.end();
      }
    });

  for (const name of ['everything', 'sockets'])
    it(`restores "${name}" as we dumped it`, async () => {
      adoptOrphans();
      const victim = await Victim.start(name);
      const dir = freshDir();
      await dump({ pid: victim.pid, imagesDir: dir, shellJob: true, fileLocks: true });
      await victim.gone();
      criu('restore', '-d', '-D', dir, '-o', 'r.log', '--shell-job', '--file-locks');
      try {
        expect(await victim.verify()).toBe('ok');
      } finally {
        endOrphan(victim.pid);
      }
    });

  it('restores the same task again and again', async () => {
    adoptOrphans();
    const victim = await Victim.start('everything');
    try {
      for (let i = 0; i < 3; i++) {
        const dir = freshDir();
        await dump({ pid: victim.pid, imagesDir: dir, shellJob: true });
        if (i === 0) await victim.gone();
        else sysRaw('wait4', victim.pid, new Int32Array(2), 0, null);
        criu('restore', '-d', '-D', dir, '-o', 'r.log', '--shell-job');
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      endOrphan(victim.pid);
    }
  });

  it('restores a tree that we dumped', async () => {
    adoptOrphans();
    const victim = await Victim.start('tree');
    const dir = freshDir();
    await dump({ pid: victim.pid, imagesDir: dir, shellJob: true });
    await victim.gone();
    reapTree(dir, victim.pid);
    criu('restore', '-d', '-D', dir, '-o', 'r.log', '--shell-job');
    try {
      expect(readdirSync(`/proc/${victim.pid}/task`)).toHaveLength(4);
      const children = execFileSync('ps', ['-o', 'stat=', '--ppid', String(victim.pid)], {
        encoding: 'utf8',
      });
      expect(children.match(/^Z/gm)).toHaveLength(2);
      expect(children.match(/^T/gm)).toHaveLength(1);
      expect(readlinkSync(`/proc/${victim.pid}/cwd`)).toBe(process.cwd());
    } finally {
      const family = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
        .split('\n')
        .map((line) => line.trim().split(/\s+/).map(Number));
      const mine = new Set([victim.pid]);
      for (const [pid, ppid] of [...family, ...family]) if (mine.has(ppid!)) mine.add(pid!);
      for (const pid of [...mine].reverse()) endOrphan(pid);
    }
  });
});
