// `criu-ns dump`: runs criu in the pid and mount namespaces of the tasks, so that it sees the pids that go into the
// images.
import { Agent, Program } from '@criu/compel';
import { addon, close, SysError, sys } from '@criu/native';
import { readlinkSync, statSync, workingDirectory } from '@criu/native/fs';
import {
  AT_FDCWD,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_PARENT,
  clone_args,
  SIGCHLD,
  stat,
} from '@criu/native/uapi';
import { asCriuError, CriuError } from '../../errors.js';
import { readStatus } from '../../proc/index.js';
import { exitCodeOf } from '../restore-command.js';
import { argumentsFor, lastValue, type NsCommand, namedDescriptors } from './command.js';
import { becomeInside, CONTROL_FD } from './inside.js';

/**
 * Starts an agent in a new child, or with CLONE_PARENT in a sibling, of `parent`. Its connection gets the descriptor
 * number `control`, which is not used by `parent`.
 */
async function fork(parent: Agent, name: string, flags: number, control: number): Promise<Agent> {
  const { agent, remote } = Agent.prepare(name);
  try {
    const p = new Program(`make ${name}`);
    // Moves the connection away from the descriptors that criu will inherit.
    const came = p.fd(remote);
    p.syscall('dup2', [came, control]);
    p.syscall('close', [came]);
    const args = p.data(clone_args.sizeof);
    p.poke(p.at(args, clone_args.flags), flags, 8);
    if (!flags) p.poke(p.at(args, clone_args.exit_signal), SIGCHLD, 8);
    const made = p.spawn(args, control);
    agent.pid = (await parent.run(p)).value(made);
    if (agent.pid < 0) throw new SysError('clone3', -agent.pid, name);
    return agent;
  } catch (error) {
    agent.abandon();
    throw error;
  } finally {
    close(remote);
  }
}

/** Keeps a pid namespace alive: its init may only wait for the tasks and end with them, which would kill criu, too. */
async function hold(inside: Agent): Promise<Agent> {
  const between = await fork(inside, 'parent of the holder', 0, CONTROL_FD + 2);
  const holder = await fork(between, 'holder of the namespace', 0, CONTROL_FD + 3);
  // After the intermediate process has ended, the holder is a child of init, which waits for its children.
  await between.exit();
  const p = new Program('take the end of a process');
  p.syscall('wait4', [-1, null, 0, null]);
  await inside.run(p);
  return holder;
}

/**
 * Enters the mount namespace. Root and working directory must exist there as the same directories.
 * @throws CriuError
 */
async function enterMounts(inside: Agent, pidfd: number, pid: number): Promise<void> {
  const cwd = workingDirectory();
  const p = new Program('enter the mount namespace');
  const places = ['/', '.'].map((path) => ({ path, there: p.out(stat.sizeof) }));
  p.syscall('setns', [p.fd(pidfd), CLONE_NEWNS], { label: `mount namespace of ${pid}` });
  p.syscall('chdir', [p.cstring(cwd)], { label: cwd });
  for (const { path, there } of places) p.syscall('newfstatat', [AT_FDCWD, p.cstring(path), there, 0]);
  const result = await inside.run(p);
  for (const { path, there } of places) {
    const { dev, ino } = statSync(path, { bigint: true });
    const bytes = result.bytes(there);
    if (bytes.readBigUInt64LE(stat.st_dev) === dev && bytes.readBigUInt64LE(stat.st_ino) === ino) continue;
    throw new CriuError(
      'UNSUPPORTED',
      `${path === '/' ? 'the root' : 'the working directory'} is another one in the mount namespace of the task`,
      { pid, file: path === '/' ? '/' : cwd },
      'use criu itself, from a directory that is the same there',
    );
  }
}

const sameNamespace = (pid: number, kind: string) =>
  readlinkSync(`/proc/${pid}/ns/${kind}`) === readlinkSync(`/proc/self/ns/${kind}`);

/** @returns the exit code. @throws CriuError */
export async function dumpInNamespaces(command: NsCommand): Promise<number> {
  const pid = Number(lastValue(command, 'tree'));
  if (!(pid > 0))
    throw new CriuError('BAD_OPTION', 'no process given', {}, 'name the root of the tree with -t PID');
  let pidfd: number;
  try {
    pidfd = sys('pidfd_open', pid, 0);
  } catch (error) {
    throw new CriuError(
      'NO_SUCH_TASK',
      'there is no such process',
      { pid },
      'name a running process with -t',
      error,
    );
  }
  const inside = readStatus(pid).nsPid.at(-1) ?? pid;
  const maker = Agent.start({ name: 'maker', controlFd: CONTROL_FD, newSession: false });
  const agents: Agent[] = [maker];
  try {
    const own = sameNamespace(pid, 'pid');
    if (!own) {
      const p = new Program('enter the pid namespace');
      p.syscall('setns', [p.fd(pidfd), CLONE_NEWPID], { label: `pid namespace of ${pid}` });
      await maker.run(p);
    }
    // With CLONE_PARENT the worker is our child, in the pid namespace that its maker has set for children.
    const worker = await fork(maker, 'criu', CLONE_PARENT, CONTROL_FD + 1);
    agents.push(worker);
    if (!own) agents.unshift(await hold(worker));
    if (!sameNamespace(pid, 'mnt')) await enterMounts(worker, pidfd, pid);
    await becomeInside(worker, {
      command: command.criu,
      args: argumentsFor(command, [], { tree: String(inside) }),
      descriptors: namedDescriptors(command),
      control: CONTROL_FD + 1,
    });
    agents.pop();
    // A signal to us is meant for criu, which then lets the tasks run on.
    for (const signal of ['SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => process.kill(worker.pid, signal));
    // criu gets SIGINT from the terminal itself.
    process.on('SIGINT', () => undefined);
    const status = await addon().waitChild(worker.pid, true);
    if ((status & 0x7f) === 0) return exitCodeOf(status);
    throw new CriuError(
      'SYSCALL',
      `criu was ended by signal ${status & 0x7f}`,
      { pid },
      own
        ? undefined
        : 'so it is when the init of the pid namespace ends, with the tasks: it has to wait for the others',
    );
  } catch (error) {
    throw asCriuError(error, 'cannot dump in the namespaces of the task', { pid });
  } finally {
    close(pidfd);
    for (const agent of agents) await agent.exit();
  }
}
