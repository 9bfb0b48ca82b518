// Existing namespaces that the tree joins (`--join-ns`): nothing of the dumped namespaces is restored.
import { openSync } from '@criu/native/fs';
import type { PlanContext } from '../../engine/plan.js';
import { CriuError } from '../../errors.js';
import { CLONE_NEW, type NamespaceName } from '../../proc/namespaces.js';

/**
 * Kinds of namespace that a tree can join. With other mounts, pids or users, paths and ids of the images would be
 * wrong. In another time namespace the clocks of the tasks are that namespace's, and do not continue from the dump.
 */
const KINDS = ['net', 'uts', 'ipc', 'time'] as const satisfies readonly NamespaceName[];

export interface Joined {
  readonly kind: NamespaceName;
  /** Path of the namespace file. */
  readonly path: string;
}

/** Parses a value of `--join-ns`: `KIND:PID` or `KIND:FILE`. @throws CriuError BAD_OPTION, UNSUPPORTED */
export function parseJoined(value: string): Joined {
  const [, name = '', where] = /^([a-z]+):(.+)$/s.exec(value) ?? [];
  if (where === undefined)
    throw new CriuError(
      'BAD_OPTION',
      `bad value for --join-ns: ${value}`,
      {},
      'it has the form KIND:PID or KIND:FILE',
    );
  const kind = KINDS.find((one) => one === name);
  if (!kind)
    throw new CriuError(
      'UNSUPPORTED',
      `a tree cannot be restored in a ${name} namespace that is there already`,
      {},
      `--join-ns takes ${KINDS.join(', ')}`,
    );
  return { kind, path: /^\d+$/.test(where) ? `/proc/${where}/ns/${kind}` : where };
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new CriuError(
      'BAD_OPTION',
      `cannot open the namespace ${path} of --join-ns: ${(error as NodeJS.ErrnoException).code}`,
      {},
      'give the pid of a task that is in it, or a file of it (/proc/PID/ns, /run/netns)',
      error,
    );
  }
}

/**
 * Has the root task enter the namespaces before everything else; all other tasks are created in them.
 * @returns the kinds
 * @throws CriuError
 */
export function joinNamespaces(ctx: PlanContext): ReadonlySet<NamespaceName> {
  const joined = new Map<NamespaceName, string>();
  for (const value of ctx.options.joinNamespaces ?? []) {
    const { kind, path } = parseJoined(value);
    if (joined.has(kind)) throw new CriuError('BAD_OPTION', `--join-ns has more than one ${kind} namespace`);
    joined.set(kind, path);
  }
  const { root } = ctx;
  for (const [kind, path] of joined) {
    const slot = ctx.openSlot(`${kind} namespace ${path}`, () => open(path));
    const fd = root.tempFd();
    root.take('namespaces', slot, fd);
    root
      .program('namespaces')
      .syscall('setns', [fd, CLONE_NEW[kind]], { label: `join ${kind} namespace ${path}` });
    root.ownNamespaces = true;
  }
  return new Set(joined.keys());
}
