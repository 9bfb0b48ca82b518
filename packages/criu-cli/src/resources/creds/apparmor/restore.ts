// Loads the policies of AppArmor's namespaces before there are tasks, which enter their profiles themselves.
import type { PlanContext } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import { hasLabels, renamedNamespaces } from '../label-restore.js';
import { LSM } from '../profile.js';
import { PolicyLoader, type PolicyNamespace } from './policy.js';

const IMAGE = 'apparmor.img';
/** Levels of namespaces; the kernel has no limit of its own. */
const MOST_LEVELS = 32;

/** A name is that of a folder. @throws CriuError BAD_IMAGE */
function check(namespaces: readonly PolicyNamespace[], level = 1): void {
  for (const { name, namespaces: below } of namespaces) {
    if (name === '' || name === '.' || name === '..' || name.includes('/') || level > MOST_LEVELS)
      throw new CriuError('BAD_IMAGE', `an AppArmor namespace is called ${JSON.stringify(name)}`, {
        file: IMAGE,
      });
    check(below, level + 1);
  }
}

/** Adds the loading of policies to the plan, and its undoing. @throws CriuError BAD_IMAGE */
export function planPolicies(ctx: PlanContext): void {
  const all = ctx.checkpoint.images.optional('APPARMOR').flatMap(({ entry }) => entry.namespaces);
  if (all.length === 0) return;
  const namespaces = all.map(({ name, policies, namespaces: below }): PolicyNamespace => {
    return { name: renamedNamespaces(ctx).get(name) ?? name, policies, namespaces: below };
  });
  check(namespaces);
  if (ctx.onPaper || !hasLabels(ctx, LSM.APPARMOR)) return;
  const loader = new PolicyLoader();
  const names = namespaces.map(({ name }) => name).join(', ');
  ctx.prepare(`policies of the AppArmor namespaces ${names}`, () => {
    for (const namespace of namespaces) loader.load(namespace);
  });
  ctx.cleanup(`policies of the AppArmor namespaces ${names}`, () => loader.undo());
}
