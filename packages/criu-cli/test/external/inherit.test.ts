// Files that belong to somebody outside of the tree: named at dump, given anew at restore.
import { execFileSync } from 'node:child_process';
import { existsSync, fstatSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { close, cstring, sys } from '@criu/native';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { dump, planRestore, restore } from '../../src/operations.js';
import { cleanUp, isRoot, peer, scratch, Victim } from '../dump/victim.js';
import { free, freshDir } from '../support.js';

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const O_CLOEXEC = 0o2000000;
const TIOCSPTLCK = 0x40045431;
const TIOCGPTPEER = 0x5441;
const O_RDWR = 2;
const O_NOCTTY = 0o400;

const opened: number[] = [];
function own(fd: number): number {
  opened.push(fd);
  return fd;
}

afterEach(() => {
  for (const fd of opened.splice(0)) close(fd);
});
afterAll(cleanUp);

/** One file: the victim's side, ours, and how options name it. */
interface Pair {
  readonly theirs: number;
  readonly ours: number;
  readonly key: string;
}

function pair(call: 'pipe2' | 'socketpair'): [number, number] {
  const ends = new Int32Array(2);
  if (call === 'pipe2') sys('pipe2', ends, O_CLOEXEC);
  else sys('socketpair', AF_UNIX, SOCK_STREAM | O_CLOEXEC, 0, ends);
  return [own(ends[0]!), own(ends[1]!)];
}

function terminal(): Pair {
  const ours = own(openSync('/dev/ptmx', O_RDWR | O_NOCTTY));
  sys('ioctl', ours, TIOCSPTLCK, new Int32Array(1));
  const theirs = own(sys('ioctl', ours, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  const { rdev, dev } = fstatSync(theirs);
  return { theirs, ours, key: `tty[${rdev.toString(16)}:${dev.toString(16)}]` };
}

function memfd(): Pair {
  const ours = own(sys('memfd_create', cstring('outside'), 1));
  return { ours, theirs: own(openSync(`/proc/self/fd/${ours}`, 'r')), key: '/memfd:outside' };
}

let mounts = 0;
/** A fifo on a file system that nobody can reach by a path any more. */
function unreachable(): Pair {
  mounts += 1;
  const dir = join(scratch(), `mount-${mounts}`);
  mkdirSync(dir);
  execFileSync('mount', ['-t', 'tmpfs', 'outside', dir]);
  try {
    execFileSync('mkfifo', [join(dir, 'fifo')]);
    const ours = own(openSync(join(dir, 'fifo'), 'r+'));
    const theirs = own(openSync(join(dir, 'fifo'), 'r'));
    const mount = /^mnt_id:\s+(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${theirs}`, 'utf8'))![1];
    const key = `file[${Number(mount).toString(16)}:${fstatSync(theirs).ino.toString(16)}]`;
    return { theirs, ours, key };
  } finally {
    execFileSync('umount', ['-l', dir]);
  }
}

function files(): Pair[] {
  const [read, write] = pair('pipe2');
  const [a, b] = pair('socketpair');
  return [
    { theirs: read, ours: write, key: `pipe:[${fstatSync(read).ino}]` },
    { theirs: a, ours: b, key: `socket:[${fstatSync(a).ino}]` },
    terminal(),
    memfd(),
    unreachable(),
  ];
}

function externals(pairs: readonly Pair[]): string[] {
  return pairs.flatMap(({ key }) =>
    key.startsWith('socket:') ? [key.replace('socket:', 'unix')] : /^(tty|file)\[/.test(key) ? [key] : [],
  );
}

function say(pairs: readonly Pair[]): void {
  for (const { ours } of pairs) writeSync(ours, 'hello\n');
}

const source = new URL('victims/outside.c', import.meta.url);
const start = (pairs: readonly Pair[]) =>
  Victim.start(
    'outside',
    {},
    source,
    [],
    pairs.map((p) => p.theirs),
  );

/** Descriptors of a new set for the names of the old one. */
function given(names: readonly Pair[], by: readonly Pair[]): string[] {
  return names.map(({ key }, i) => `fd[${by[i]!.theirs}]:${key}`);
}

describe.skipIf(!isRoot)('files from outside of the tree (needs root)', () => {
  it('are replaced by those that are given at restore, twice in a row', async () => {
    let pairs = files();
    const victim = await start(pairs);
    try {
      for (let i = 0; i < 2; i++) {
        const imagesDir = freshDir();
        await dump({ pid: victim.pid, imagesDir, external: externals(pairs) });
        await free([victim.pid]);
        const others = files();
        await restore({ imagesDir, detached: true, inheritFd: given(pairs, others) });
        pairs = others;
        say(pairs);
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      await victim.end();
    }
  });

  it('are not lost: dump and restore say what has to be named', async () => {
    const pairs = files();
    const victim = await start(pairs);
    try {
      const all = externals(pairs);
      for (const missing of all) {
        const external = all.filter((e) => e !== missing);
        const failed = dump({ pid: victim.pid, imagesDir: freshDir(), external });
        await expect(failed).rejects.toMatchObject({ name: 'CriuError' });
      }
      await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
        remedy: expect.stringMatching(
          /--external|--shell-job|--ghost-limit|another|link-remap|--ext-unix-sk/,
        ),
      });
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir, external: all });
      await free([victim.pid]);
      const others = files();
      const options = given(pairs, others);
      for (const [i, { key }] of pairs.entries()) {
        // Pipe and memfd can be made anew.
        if (/^(pipe|.memfd)/.test(key)) continue;
        const inheritFd = options.filter((_, n) => n !== i);
        await expect(planRestore({ imagesDir, inheritFd })).rejects.toMatchObject({
          code: 'BAD_OPTION',
          remedy: expect.stringContaining(`fd[N]:${key}`),
        });
      }
      await restore({ imagesDir, detached: true, inheritFd: options });
      say(others);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('have to be open and of the right kind when they are given', async () => {
    const pairs = files();
    const victim = await start(pairs);
    try {
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir, external: externals(pairs) });
      await free([victim.pid]);
      const good = given(pairs, files());
      const wrong = own(openSync('/dev/null', 'r'));
      for (const [i, { key }] of pairs.entries()) {
        for (const fd of [wrong, 9999]) {
          if (fd === wrong && key.startsWith('tty')) continue;
          const inheritFd = good.map((value, n) => (n === i ? `fd[${fd}]:${key}` : value));
          await expect(restore({ imagesDir, detached: true, inheritFd })).rejects.toMatchObject({
            code: expect.stringMatching(/BAD_OPTION|FILE_CHANGED/),
          });
          expect(existsSync(`/proc/${victim.pid}`)).toBe(false);
        }
      }
    } finally {
      await victim.end();
    }
  });

  it('a text for debug[N] is written to the descriptor', async () => {
    const [read, write] = pair('pipe2');
    const plain = await start([]);
    try {
      const imagesDir = freshDir();
      await dump({ pid: plain.pid, imagesDir });
      await free([plain.pid]);
      await restore({ imagesDir, detached: true, inheritFd: [`debug[${write}]:here`] });
      const text = Buffer.alloc(16);
      expect(sys('read', read, text, 16)).toBe(4);
      expect(text.toString('utf8', 0, 4)).toBe('here');
    } finally {
      await plain.end();
    }
  });

  it.skipIf(!peer)('go both ways between this and CRIU 4.2 (needs CRIU_PEER)', async () => {
    let pairs = files();
    const victim = await start(pairs);
    const criu = (command: string, ...args: string[]) =>
      execFileSync(peer!, [command, '-v4', '-o', `${command}.log`, ...args], {
        stdio: ['ignore', 'ignore', 'ignore', ...pairs.map((p) => p.theirs)],
      });
    try {
      for (const dumper of ['peer', 'own'] as const) {
        const imagesDir = freshDir();
        const external = externals(pairs);
        if (dumper === 'own') await dump({ pid: victim.pid, imagesDir, external });
        else
          criu('dump', '-D', imagesDir, '-t', `${victim.pid}`, ...external.flatMap((e) => ['--external', e]));
        await free([victim.pid]);
        const names = pairs;
        pairs = files();
        if (dumper === 'peer') {
          await restore({ imagesDir, detached: true, inheritFd: given(names, pairs) });
        } else {
          const options = names.flatMap(({ key }, i) => ['--inherit-fd', `fd[${i + 3}]:${key}`]);
          criu('restore', '-d', '-D', imagesDir, ...options);
        }
        say(pairs);
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      await victim.end();
    }
  });
});
