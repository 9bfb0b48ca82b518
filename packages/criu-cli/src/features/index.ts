// All features that a kernel may have or lack, one record each: what `criu check`, requests by RPC and the engine ask. A
// feature is there when this version can make use of it on this kernel; no version of a kernel is looked at.
import { FILE_FEATURES } from './file-features.js';
import type { Feature, Verdict } from './kit.js';
import { MEMORY_FEATURES } from './memory-features.js';
import { NETWORK_FEATURES } from './network-features.js';
import { PROCESS_FEATURES } from './process-features.js';

export type { Feature, Verdict } from './kit.js';

export const FEATURES: readonly Feature[] = [
  ...PROCESS_FEATURES,
  ...MEMORY_FEATURES,
  ...FILE_FEATURES,
  ...NETWORK_FEATURES,
];

export interface CheckResult {
  readonly feature: Feature;
  /** Null when it is there, else what was seen instead. */
  readonly missing: Verdict;
}

function find(name: string): Feature {
  const feature = FEATURES.find((f) => f.name === name);
  if (!feature) throw new RangeError(`no feature ${name}`);
  return feature;
}

/** Null when a feature is there, else what was seen instead. A probe that breaks says so as its result. */
export async function missing(name: string): Promise<Verdict> {
  const feature = find(name);
  if (feature.lacking !== undefined) return `this version has no use for it: ${feature.lacking}`;
  try {
    return await feature.probe();
  } catch (error) {
    return `the probe failed: ${(error as Error).message}`;
  }
}

/** Probes features one after the other. */
export async function* check(names: readonly string[]): AsyncGenerator<CheckResult> {
  for (const name of names) yield { feature: find(name), missing: await missing(name) };
}
