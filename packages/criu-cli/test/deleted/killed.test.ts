// A restore that is killed with SIGKILL: no name of a deleted file is left, and what another try needs is.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, readFileSync, readlinkSync, readSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cstring, sysRaw } from '@criu/native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/index.js';
import { cleanUp, isRoot } from '../dump/victim.js';
import { family, freshDir, until } from '../support.js';
import { freshFolder, list, start } from './support.js';

const criu = fileURLToPath(new URL('../../bin/criu', import.meta.url));
const ROUNDS = 10;
const WNOHANG = 1;

afterAll(cleanUp);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function run(images: string): ChildProcess {
  return spawn(criu, ['restore', '-d', '-D', images, '-v0'], { stdio: 'ignore' });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null)
    await new Promise((resolve) => child.once('exit', resolve));
}

/** Waits until the pids can be had again; orphans of a restore that was killed are ours to wait for. */
async function reaped(pids: readonly number[]): Promise<void> {
  await until(`pids ${pids} are free`, () => {
    for (const pid of pids) sysRaw('wait4', pid, new Int32Array(2), WNOHANG, null);
    return !pids.some((pid) => existsSync(`/proc/${pid}`));
  });
}

function ending(pid: number): boolean {
  try {
    return /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return true;
  }
}

/** Opens in a folder, which wait until they are allowed (fanotify(7)); undefined if the kernel cannot do that. */
class OpenGate {
  private constructor(private readonly fd: number) {}

  static at(folder: string): OpenGate | undefined {
    const [FAN_CLASS_CONTENT, FAN_NONBLOCK, FAN_CLOEXEC] = [4, 2, 1];
    const fd = sysRaw('fanotify_init', FAN_CLASS_CONTENT | FAN_NONBLOCK | FAN_CLOEXEC, 0);
    if (fd < 0) return undefined;
    const [FAN_MARK_ADD, FAN_OPEN_PERM, FAN_EVENT_ON_CHILD] = [1, 0x10000n, 0x08000000n];
    const mask = FAN_OPEN_PERM | FAN_EVENT_ON_CHILD;
    if (sysRaw('fanotify_mark', fd, FAN_MARK_ADD, mask, -100, cstring(folder)) === 0) return new OpenGate(fd);
    closeSync(fd);
    return undefined;
  }

  /** Descriptors of files that somebody waits to open. */
  waiting(): number[] {
    const room = Buffer.alloc(4096);
    let length = 0;
    try {
      length = readSync(this.fd, room);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
    const out: number[] = [];
    for (let at = 0; at < length; at += room.readUInt32LE(at)) out.push(room.readInt32LE(at + 16));
    return out;
  }

  allow(file: number): void {
    const FAN_ALLOW = 1;
    writeSync(this.fd, Buffer.from(new Int32Array([file, FAN_ALLOW]).buffer));
    closeSync(file);
  }

  close(): void {
    closeSync(this.fd);
  }
}

const canWait = isRoot && gateWorks();

function gateWorks(): boolean {
  const gate = OpenGate.at('/tmp');
  gate?.close();
  return gate !== undefined;
}

describe.skipIf(!isRoot)('a restore killed with SIGKILL (needs root)', () => {
  // Bundles the command if it is not built, which is no part of what is timed.
  beforeAll(() => {
    execFileSync(criu, ['--version']);
    sysRaw('prctl', 36 /* PR_SET_CHILD_SUBREAPER */, 1, 0, 0, 0);
  });

  it.skipIf(!canWait)(
    'while deleted files have their names leaves none of them (needs FAN_OPEN_PERM)',
    async () => {
      const folder = freshFolder();
      const victim = await start('deleted', folder);
      const images = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir: images });
      await victim.gone();
      await reaped(pids);
      const before = list(folder);
      const gate = OpenGate.at(folder);
      expect(gate).toBeDefined();
      try {
        const child = run(images);
        const file = await until('a deleted file is opened by its name', () => {
          for (const one of gate?.waiting() ?? []) {
            const name = readlinkSync(`/proc/self/fd/${one}`);
            if (name.startsWith(folder) && existsSync(name)) return one;
            gate?.allow(one);
          }
          return undefined;
        });
        child.kill('SIGKILL');
        await ended(child);
        gate?.allow(file);
        await until('all names are gone', () => {
          for (const other of gate?.waiting() ?? []) gate?.allow(other);
          return list(folder).length === before.length;
        });
      } finally {
        gate?.close();
      }
      expect(list(folder)).toEqual(before);
      await restore({ imagesDir: images, detached: true });
      try {
        expect(await victim.verify()).toBe('ok');
      } finally {
        await victim.end();
      }
    },
  );

  it.each(['deleted', 'links'] as const)(
    'at any moment leaves what the next one needs, and nothing else (%s)',
    async (name) => {
      const folder = freshFolder();
      const victim = await start(name, folder);
      const images = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir: images, linkRemap: true });
      await victim.gone();
      await reaped(pids);
      const before = list(folder);
      // A whole one would take the links away.
      const whole = 700;
      for (let i = 0; i < ROUNDS; i++) {
        const child = run(images);
        await pause((whole * (i + 1)) / (ROUNDS + 1));
        child.kill('SIGKILL');
        await ended(child);
        // It was through: that was the last round, then.
        if (!(await settled(victim.pid))) break;
        // The opener of deleted files goes through with what it has begun.
        await until(`nothing is left of round ${i}`, () => list(folder).join() === before.join());
        await reaped(pids);
      }
      if (!existsSync(`/proc/${victim.pid}`)) await restore({ imagesDir: images, detached: true });
      try {
        expect(await victim.verify()).toBe('ok');
      } finally {
        await victim.end();
      }
    },
  );
});

/** Whether the task of a restore that was killed has ended, which takes its agent a moment. */
async function settled(pid: number): Promise<boolean> {
  for (let n = 0; n < 30 && !ending(pid); n++) await pause(20);
  return ending(pid);
}
