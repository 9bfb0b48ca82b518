// What waits in the queues of Unix sockets comes back as it was sent: by whom, from where, in which pieces, with what.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readImageSync } from '@criu/images';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/index.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { family, free, freshDir } from '../support.js';

afterAll(cleanUp);

function start(mode: string, env: Record<string, string> = {}): Promise<Victim> {
  const watched = join(scratch(), 'watched');
  mkdirSync(watched, { recursive: true });
  const source = new URL('victims/queues.c', import.meta.url);
  return Victim.start('queues', { MODE: mode, DIR: watched, ...env }, source);
}

/** Dumps the victim, before that as often as asked without an end, and restores it: it finds all as it was. */
async function cycle(mode: string, before = 1, env: Record<string, string> = {}): Promise<void> {
  const victim = await start(mode, env);
  try {
    for (let i = 0; i < before; i++)
      await dump({ pid: victim.pid, imagesDir: freshDir(), leaveRunning: true, fileLocks: true });
    const imagesDir = freshDir();
    const pids = family(victim.pid);
    await dump({ pid: victim.pid, imagesDir, fileLocks: true });
    await free(pids);
    await restore({ imagesDir, detached: true, fileLocks: true });
    expect(await victim.verify()).toBe('ok');
  } finally {
    await victim.end();
  }
}

/** A dump that is refused leaves the victim as it was. */
async function refused(mode: string, env: Record<string, string>, message: RegExp): Promise<void> {
  const victim = await start(mode, env);
  try {
    await expect(dump({ pid: victim.pid, imagesDir: freshDir(), fileLocks: true })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(message),
      object: { pid: victim.pid },
    });
    expect(await victim.verify()).toBe('ok');
  } finally {
    await victim.end();
  }
}

describe.skipIf(!isRoot)('a message in the queue of a Unix socket (needs root)', () => {
  it('is from whom it was, alive or not, with the ids it was sent with', () => cycle('senders'));
  it('is from whom it was in a stream of several', () => cycle('stream-senders'));
  it('is from nobody if nobody had asked when it was sent', () => cycle('unasked'));
  it('leads to its sender by a pidfd', () => cycle('pidfds'));
  it('keeps its borders, be it empty', () => cycle('borders', 0));
  it('may be larger than the buffers of its receiver', () => cycle('large'));
  it('has the address it came from, also of sockets that are gone', () => cycle('addresses'));
  it('is out of band where it was, and signals nobody', () => cycle('out-of-band'));
  it('has its descriptors at the bytes they were sent with', () => cycle('positions'));
  it('has an error behind it if its sender was', () => cycle('reset'));
  it('brings timers, watches and rings of sockets along', () => cycle('in-flight'));
  it('brings a lock along that a descriptor holds too', () => cycle('locked', 1, { KEEP: '1' }));
  it('comes with what its receiver has asked for, or the socket that it listened at', () =>
    cycle('inherited'));
  it('may not be dumped with a lock that nobody else has', () =>
    refused('locked', {}, /a file lock is held/));
  it('may not be dumped with a time stamp', () => refused('stamped', { FULL: '1' }, /time stamps/));
  it('leaves the options alone that CRIU has no field for', () => cycle('stamped'));
  it.each([
    ['client', /a connection cannot be made from one side only/, /--external 'unix\[\d+\]'.*--inherit-fd/],
    ['pending', /a client outside of the dumped tree \(inode \d+\) waits to be accepted/, /accept it/],
    ['sender', /is from \0.*d, a socket outside of the dumped tree/s, /receive the message/],
    ['datagrams', /its peer .* is outside of the dumped tree$/s, /with --ext-unix-sk for dump and restore/],
  ])('has a remedy when the other side is not dumped: %s', async (kind, message, remedy) => {
    const ghost = join(scratch(), `outside-${kind}`);
    const victim = await start('outside', { KIND: kind, GHOST: ghost });
    try {
      const pid = Number(readFileSync(`${ghost}.pid`, 'utf8'));
      await expect(dump({ pid, imagesDir: freshDir() })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(remedy),
      });
      process.kill(pid, 'SIGUSR1');
      expect(await victim.said()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
  it('leaves nobody behind in place of its sender when the restore fails', async () => {
    const victim = await start('stream-senders');
    try {
      const imagesDir = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir });
      await free(pids);
      const senders = readImageSync(join(imagesDir, 'sk-queues.img'), 'SK_QUEUES').flatMap(
        ({ entry }) => entry.ucred_pid ?? [],
      );
      const gone = senders.filter((pid) => !pids.includes(pid));
      expect(gone).toHaveLength(1);
      for (const fault of ['files', 'fixup', 'commit']) {
        await expect(restore({ imagesDir, detached: true, faults: [fault] })).rejects.toMatchObject({
          code: 'INTERNAL',
        });
        await free([...pids, ...gone]);
      }
      await restore({ imagesDir, detached: true });
      expect(gone.some((pid) => existsSync(`/proc/${pid}`))).toBe(false);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
  it('is not lost if it is empty and was looked at before', async () => {
    const victim = await start('borders');
    try {
      await dump({ pid: victim.pid, imagesDir: freshDir(), leaveRunning: true });
      await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/4 empty messages wait in its queue/),
      });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
