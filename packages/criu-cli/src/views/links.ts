// Which namespaces the dumper and the root task are in, and which of the root's are not the dumper's.
import type { DumpContext } from '../engine/dump-context.js';
import { readNsLinks } from '../proc/index.js';
import { NAMESPACES, type NamespaceName } from '../proc/namespaces.js';
import { stateKey } from '../states.js';

export type NsLinks = ReturnType<typeof readNsLinks>;

const known = stateKey('namespace links', (_: DumpContext): { readonly own: NsLinks; root?: NsLinks } => ({
  own: readNsLinks(process.pid),
}));

function stateOf(ctx: DumpContext): { readonly own: NsLinks; root?: NsLinks } {
  const state = ctx.states.get(known);
  return state;
}

export function ownLinks(ctx: DumpContext): NsLinks {
  return stateOf(ctx).own;
}

/** There when the tree is: the root stands still then. */
export function rootLinks(ctx: DumpContext): NsLinks {
  const state = stateOf(ctx);
  state.root ??= readNsLinks(ctx.root.pid);
  return state.root;
}

/** Kinds of namespace in which a task is not in the dumper's. */
export function foreignKinds(ctx: DumpContext, links: NsLinks): NamespaceName[] {
  const own = ownLinks(ctx);
  return NAMESPACES.filter((name) => links[name] && own[name] && links[name].inode !== own[name].inode);
}

/** Whether the root task, and so all tasks, is in a namespace of this kind that is not the dumper's. */
export function ownsNamespace(ctx: DumpContext, name: NamespaceName): boolean {
  return rootLinks(ctx)[name]?.inode !== ownLinks(ctx)[name]?.inode;
}
