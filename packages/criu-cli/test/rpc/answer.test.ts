// `criu swrk` ended in the moment in which restored tasks run already, and whoever asked for them has not been told.
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { CriuReqType } from '@criu/images';
import { SysError, sysRaw } from '@criu/native';
import { SO_SNDBUF, SOL_SOCKET } from '@criu/native/uapi';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dump } from '../../src/operations.js';
import { type PacketSocket, seqpacketPair } from '../../src/rpc/socket.js';
import { cleanUp as endVictims, isRoot, scratch, Victim } from '../dump/victim.js';
import { until } from '../support.js';
import { cleanUp, openDir, restoreRequest } from './client.js';
import { prepare, swrkOn, type Worker } from './real.js';

afterEach(cleanUp);
afterAll(endVictims);
if (!isRoot) console.log('answer.test.ts: skipped: needs root');

/** Long enough for a worker to do all that it does without having answered. */
const WHILE_MS = 300;

/** Fills the queue of a socket, so that whoever answers by it has to wait. @returns the number of messages */
function fill(socket: PacketSocket): number {
  sysRaw('setsockopt', socket.fd, SOL_SOCKET, SO_SNDBUF, new Int32Array([1]), 4);
  for (let sent = 0; ; sent++)
    try {
      socket.sendNow(Buffer.alloc(1));
    } catch (error) {
      if (error instanceof SysError && error.errno === constants.errno.EAGAIN) return sent;
      throw error;
    }
}

/** The restored task runs its own code: no agent, no tracer. */
function runs({ pid }: Victim): boolean {
  try {
    const cmdline = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    return (
      cmdline !== '' &&
      !cmdline.startsWith('criu-agent') &&
      /^TracerPid:\s+0$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
    );
  } catch {
    return false;
  }
}

describe.skipIf(!isRoot)('a restore that is not answered yet (needs root)', () => {
  beforeAll(prepare);

  /** Restores a victim by a worker that cannot answer until `messages` messages were received. */
  async function unanswered(body: (victim: Victim, worker: Worker, messages: number) => Promise<void>) {
    const victim = await Victim.start('everything');
    const images = scratch();
    await dump({ pid: victim.pid, imagesDir: images });
    await victim.gone();
    const [ours, theirs] = seqpacketPair();
    const messages = fill(theirs);
    const worker = swrkOn([ours, theirs]);
    try {
      await worker.client.send(restoreRequest({ images_dir_fd: openDir(images).fd }));
      await until('the task runs', () => runs(victim));
      await new Promise((resolve) => setTimeout(resolve, WHILE_MS));
      expect(worker.child.exitCode).toBeNull();
      await body(victim, worker, messages);
    } finally {
      ours.close();
      worker.child.kill('SIGKILL');
      await worker.ended;
      await victim.end();
    }
  }

  it('leaves no task behind when the worker is killed', () =>
    unanswered(async (victim, { child, ended }) => {
      child.kill('SIGKILL');
      await ended;
      await until('the task is gone', () => victim.state === undefined || victim.state === 'Z');
    }));

  it('is answered all the same when the worker is told to end', () =>
    unanswered(async (victim, { client, child, ended }, messages) => {
      child.kill('SIGTERM');
      await new Promise((resolve) => setTimeout(resolve, WHILE_MS / 3));
      for (let i = 0; i < messages; i++) await client.socket.receive();
      expect(await client.receive()).toEqual({
        type: CriuReqType.RESTORE,
        success: true,
        restore: { pid: victim.pid },
      });
      expect(await ended).toBe(0);
      expect(await victim.verify()).toBe('ok');
    }));

  it('leaves the tasks running when nobody is there to hear it', () =>
    unanswered(async (victim, { client, ended }) => {
      client.socket.close();
      expect(await ended).toBe(1);
      expect(await victim.verify()).toBe('ok');
    }));
});
