// Policies of AppArmor's namespaces: containers with a namespace of their own (LXD, Incus) load profiles that the machine of a restore
// does not have. Policies outside of such namespaces are the machine's.
import type { DumpContext } from '../../../engine/dump-context.js';
import { knownLabels, securityModule } from '../label.js';
import { LSM } from '../profile.js';
import { namespacesOf } from './labels.js';
import { readNamespace } from './policy.js';

/** Adds the policies of all namespaces that tasks have profiles of. */
export function dumpPolicies(ctx: DumpContext): void {
  if (securityModule(ctx) !== LSM.APPARMOR) return;
  const names = new Set([...ctx.states.get(knownLabels)].flatMap((label) => [...namespacesOf(label)]));
  if (names.size === 0) return;
  ctx.refusals.attempt(() => {
    ctx.images.add('APPARMOR', { namespaces: [...names].map((name) => readNamespace(name)) });
  });
}
