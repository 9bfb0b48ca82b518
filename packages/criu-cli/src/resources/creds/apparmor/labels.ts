// Labels of AppArmor: profiles that are stacked, some of them of policy namespaces (apparmor(7), apparmor_stack_onexec(3)). The kernel
// writes `PROFILE//&:NAMESPACE:PROFILE//&PROFILE`; the last profile is of the same namespace as the one before it.

/** One profile of a label. */
export interface Part {
  /** The namespace as the label has it, levels separated by `//`; undefined if it has none there. */
  readonly named: string | undefined;
  /** The namespace that the profile is of; undefined for that of the reader. */
  readonly namespace: string | undefined;
  /** Undefined for a namespace alone (`:NAMESPACE:`), which stands for its unconfined profile. */
  readonly profile: string | undefined;
}

const STACKED = '//&';
const LEVEL = '//';

export function partsOf(label: string): Part[] {
  let namespace: string | undefined;
  return label.split(STACKED).map((text) => {
    const end = text.startsWith(':') ? text.indexOf(':', 1) : -1;
    if (end < 0) return { named: undefined, namespace, profile: text };
    namespace = text.slice(1, end);
    // Some kernels have two slashes behind the colon.
    const profile = text.slice(end + 1).replace(/^\/\//, '');
    return { named: namespace, namespace, profile: profile === '' ? undefined : profile };
  });
}

function text({ named, profile = '' }: Part): string {
  return named === undefined ? profile : `:${named}:${profile}`;
}

/** The namespace of the highest level that a part is in, with everything below it. */
function top({ namespace }: Part): string | undefined {
  return namespace?.split(LEVEL)[0];
}

/** The policy namespaces of a label, without those below others. */
export function namespacesOf(label: string): Set<string> {
  return new Set(partsOf(label).flatMap((part) => top(part) ?? []));
}

/**
 * The namespaces that have another name when a part of a label is replaced.
 * @param asked value of `--lsm-profile`
 */
export function renamed(asked: string, was: string): Map<string, string> {
  const old = partsOf(was);
  const names = new Map<string, string>();
  for (const [i, part] of partsOf(asked).entries()) {
    const [from, to] = [top(old[i] ?? part), top(part)];
    if (from !== undefined && to !== undefined) names.set(from, to);
  }
  return names;
}

/** Replaces the highest level of a namespace. */
function rename(named: string | undefined, names: ReadonlyMap<string, string>): string | undefined {
  if (named === undefined) return undefined;
  const [first = '', ...levels] = named.split(LEVEL);
  return [names.get(first) ?? first, ...levels].join(LEVEL);
}

/**
 * The label of a task after `--lsm-profile`. A single profile replaces the label. A stack, or one with a namespace, replaces as many of
 * the first profiles as it has itself: engines give their own profile and the namespace of a container (`PROFILE//&:NAMESPACE:`), in
 * which the tasks keep their own ones.
 */
export function replaceLabel(asked: string, was: string): string {
  const [given, old] = [partsOf(asked), partsOf(was)];
  const last = given.at(-1);
  if (!last || (given.length === 1 && last.named === undefined)) return asked;
  const names = renamed(asked, was);
  const there = old[given.length - 1];
  const profile = last.profile ?? (there?.namespace === undefined ? undefined : there.profile);
  const rest = old.slice(given.length).map((part) => ({ ...part, named: rename(part.named, names) }));
  return [...given.slice(0, -1), { ...last, profile }, ...rest].map(text).join(STACKED);
}
