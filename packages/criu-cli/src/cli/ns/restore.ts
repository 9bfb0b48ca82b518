// `criu-ns restore`: runs criu as init of new pid and mount namespaces, in which all pids are free.
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from '@criu/compel';
import { mkdirSync, readFileSync, resolvePath, rmSync } from '@criu/native/fs';
import {
  CLONE_NEWNS,
  CLONE_NEWPID,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_REC,
  MS_SLAVE,
  TIOCSCTTY,
} from '@criu/native/uapi';
import { CriuError } from '../../errors.js';
import { checkPidFile, writePidFile } from '../../pid-file.js';
import { ProcError, readChildren, readStatus } from '../../proc/index.js';
import { exitCodeOf } from '../restore-command.js';
import { argumentsFor, hasFlag, lastValue, type NsCommand, namedDescriptors } from './command.js';
import { becomeInside, CONTROL_FD } from './inside.js';

const POLL_MS = 10;

/** Starts init of the new namespaces, with its own /proc, and turns it into criu. @throws CriuError */
async function startInit(command: NsCommand, pidfile: string): Promise<Agent> {
  const init = Agent.start({
    name: 'init of the namespace',
    flags: BigInt(CLONE_NEWPID | CLONE_NEWNS),
    controlFd: CONTROL_FD,
    newSession: true,
  });
  // The pid file is our own; the caller gets one with the pid as the caller sees it. A foreign criu would end and leave
  // the tasks without an init, so it must not detach.
  const without = command.own ? [] : ['restore-detached'];
  await becomeInside(init, {
    command: command.criu,
    args: argumentsFor(command, without, { pidfile }),
    descriptors: namedDescriptors(command),
    control: CONTROL_FD,
    prepare(p) {
      p.syscall('mount', [null, p.cstring('/'), null, MS_REC | MS_SLAVE, null], {
        label: 'mounts are our own',
      });
      p.syscall(
        'mount',
        [p.cstring('proc'), p.cstring('/proc'), p.cstring('proc'), MS_NOSUID | MS_NODEV | MS_NOEXEC, null],
        {
          label: '/proc of the new namespace',
        },
      );
      // A shell job uses the session of its restorer, so the terminal becomes its controlling terminal.
      if (hasFlag(command, 'shell-job'))
        p.syscall('ioctl', [0, TIOCSCTTY, 1], { label: 'standard input as the controlling terminal' });
    },
  });
  return init;
}

/** The pid, as this process sees it, of a task in the namespace of `init`. */
function pidHere(init: number, inside: number): number | undefined {
  try {
    for (const pid of readChildren(init)) if (readStatus(pid).nsPid.at(-1) === inside) return pid;
  } catch (error) {
    if (!(error instanceof ProcError)) throw error;
  }
  return undefined;
}

/** Resolves with the pid of the root task when it runs; undefined if criu ends before. */
async function untilRestored(
  init: Agent,
  pidfile: string,
  ended: Promise<unknown>,
): Promise<number | undefined> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  for (let root: number | undefined; !over; await sleep(POLL_MS)) {
    if (root === undefined) {
      const inside = Number(readFileIfThere(pidfile));
      root = inside > 0 ? pidHere(init.pid, inside) : undefined;
    }
    if (root === undefined) continue;
    try {
      // The task is traced by the restoring criu until the end of the restore.
      if (readStatus(root).tracerPid === 0) return root;
    } catch (error) {
      if (!(error instanceof ProcError)) throw error;
      return root;
    }
  }
  return undefined;
}

function readFileIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** @returns the exit code. @throws CriuError */
export async function restoreInNamespaces(command: NsCommand): Promise<number> {
  if (hasFlag(command, 'restore-sibling'))
    throw new CriuError(
      'BAD_OPTION',
      'the first process of a namespace can have no siblings',
      {},
      'leave out --restore-sibling',
    );
  const directory = lastValue(command, 'work-dir') ?? lastValue(command, 'images-dir') ?? '.';
  const given = lastValue(command, 'pidfile');
  const pidfile = given === undefined ? undefined : resolvePath(directory, given);
  if (pidfile !== undefined) checkPidFile(pidfile);
  const own = join(tmpdir(), `criu-ns-${randomBytes(8).toString('hex')}`);
  mkdirSync(own, { mode: 0o700 });
  try {
    const init = await startInit(command, join(own, 'pid'));
    // A signal to us is meant for criu, which then undoes an unfinished restore.
    const forward = (signal: NodeJS.Signals) => process.kill(init.pid, signal);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, forward);
    const ended = init.reap() ?? Promise.resolve(0);
    const root = await untilRestored(init, join(own, 'pid'), ended);
    if (root !== undefined && pidfile !== undefined) writePidFile(pidfile, root);
    if (root !== undefined && hasFlag(command, 'restore-detached')) return 0;
    return exitCodeOf(await ended);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
