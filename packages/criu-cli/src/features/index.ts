// All kernel features, one record each, for `criu check`, RPC requests and the engine. A feature counts as present if
// this version can use it on this kernel; the kernel's version number is not considered.
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
  /** Null if the feature is present, else what was observed instead. */
  readonly missing: Verdict;
}

function find(name: string): Feature {
  const feature = FEATURES.find((f) => f.name === name);
  if (!feature) throw new RangeError(`no feature ${name}`);
  return feature;
}

/** Probes a feature. @returns null if it is present, else what was observed; the error text of a probe that throws */
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
