// `criu service`: listens on a socket, in the foreground or background, until a signal ends it.
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { lstatSync, rmSync, workingDirectory, writeSync } from '@criu/native/fs';
import { CriuError } from '../errors.js';
import { listenAt } from '../rpc/socket.js';
import { passedSocket } from './activation.js';
import { announce } from './announce.js';
import { startedPid, startSelf } from './self.js';
import { ServiceLoop } from './service-loop.js';
import { type Session, withSession } from './session.js';
import type { Settings } from './settings.js';
import type { Shell } from './shell.js';
import { usualArguments } from './usual-options.js';

const DEFAULT_ADDRESS = 'criu_service.socket';
/** Descriptor numbers in the background process: the listening socket, and the pipe to report readiness. */
const LISTENER = 3;
const READY = 4;

/** Waits until the background process accepts connections; passes its error output on until then. */
async function untilReady(child: ChildProcess, shell: Shell): Promise<void> {
  const said: Buffer[] = [];
  child.stderr?.on('data', (text: Buffer) => said.push(text));
  const ready = child.stdio[READY] as Readable;
  const ok = await new Promise<boolean>((done) => {
    ready.once('data', () => done(true));
    child.once('close', () => done(false));
    child.once('error', () => done(false));
  });
  shell.stderr(Buffer.concat(said).toString());
  if (!ok)
    throw new CriuError(
      'SYSCALL',
      'the service did not start in the background',
      {},
      'what it has said is above; without -d it shows all that it does',
    );
}

async function goToBackground(
  listener: number,
  settings: Settings,
  session: Session,
  shell: Shell,
  cwd: string,
): Promise<void> {
  const child = startSelf(shell.argv, {
    stdio: ['ignore', 'ignore', 'pipe', listener, 'pipe'],
    detached: true,
    cwd,
    env: { CRIU_SERVICE_SOCKET: String(LISTENER), CRIU_SERVICE_READY: String(READY) },
  });
  try {
    await untilReady(child, shell);
    await announce(settings, session, startedPid(child));
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  child.unref();
}

export async function serviceCommand(settings: Settings, shell: Shell): Promise<number> {
  const { CRIU_SERVICE_SOCKET: given, CRIU_SERVICE_READY: ready } = shell.env;
  // Relative paths are resolved against this directory, also in the background process.
  const cwd = workingDirectory();
  return withSession(settings, shell, async (session) => {
    const { log } = session;
    const path = settings.text('address') ?? DEFAULT_ADDRESS;
    const passed = passedSocket(shell.env);
    const listener = passed ?? (given === undefined ? listenAt(path) : Number(given));
    const own = passed === undefined ? lstatSync(path, { throwIfNoEntry: false })?.ino : undefined;
    const leave = () => {
      // The path may have been taken over by another process meanwhile.
      if (own !== undefined && lstatSync(path, { throwIfNoEntry: false })?.ino === own)
        rmSync(path, { force: true });
    };
    const alone = given === undefined && passed === undefined;
    const background = alone && (settings.flag('daemon') || settings.flag('restore-detached'));
    try {
      log.info(
        `The service listens on ${passed === undefined ? path : 'the socket that it was started with'}`,
      );
      if (background) {
        await goToBackground(listener, settings, session, shell, cwd);
        return 0;
      }
      const loop = new ServiceLoop(listener, {
        log,
        argv: usualArguments(shell.argv, cwd),
        quiet: given !== undefined,
      });
      // An interrupt is the normal end of a service; it undoes nothing.
      session.release();
      const release = shell.onInterrupt(() => loop.stop());
      try {
        if (given === undefined) await announce(settings, session, process.pid);
        else writeSync(Number(ready), Buffer.alloc(1));
        await loop.run();
      } finally {
        release();
      }
      leave();
      return 0;
    } catch (error) {
      leave();
      throw error;
    }
  });
}
