// Open namespace files (nsfs): a namespace of the dumped tasks, or any network namespace.
import { sys } from '@criu/native';
import { NS_GET_NSTYPE } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { CLONE_NEW, NAMESPACES, type NamespaceName } from '../../../proc/namespaces.js';
import { stateKey } from '../../../states.js';
import { type Namespace, namespacesOf } from '../../../views/namespaces.js';
import { holdNetwork } from '../../../views/networks.js';
import type { FileDump } from '../kind.js';
import { FsMagic, type OpenFile } from '../open-file.js';

/** Namespaces that files refer to, with the first such file. */
const opened = stateKey('open namespaces', (_: DumpContext) => new Map<Namespace, OpenFile>());

/**
 * The kind of a namespace file: from its link, or by ioctl if the file was opened at a path to which the namespace was
 * bound (ip-netns(8)).
 */
function kindOf({ target, fsType, local }: OpenFile): NamespaceName | undefined {
  if (target.kind === 'inode') return NAMESPACES.find((name) => name === target.type);
  if (fsType !== FsMagic.NSFS) return undefined;
  const flag = sys('ioctl', local, NS_GET_NSTYPE);
  return NAMESPACES.find((name) => CLONE_NEW[name] === flag);
}

export const namespaceDump: FileDump = {
  matches: (file) => kindOf(file) !== undefined,
  dump(ctx, _task, file, id) {
    const kind = kindOf(file);
    if (kind === undefined)
      throw new CriuError('INTERNAL', 'not a namespace', { pid: file.pid, fd: file.fd });
    const namespace =
      kind === 'net' ? holdNetwork(ctx, file.local) : namespacesOf(ctx).instance(kind, file.stat.ino);
    const known = ctx.states.get(opened);
    if (!known.has(namespace)) known.set(namespace, file);
    return { nsf: { id, ns_id: namespace.id, ns_cflag: CLONE_NEW[kind], flags: file.flags } };
  },
  afterCollect(ctx) {
    for (const [{ kind, members }, { pid, fd, link }] of ctx.states.get(opened))
      if (kind !== 'net' && members.length === 0)
        throw new CriuError('UNSUPPORTED', `it has ${link} open, which no dumped task is in`, { pid, fd });
  },
};
