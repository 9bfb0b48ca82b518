// All kernel features, and the run over them.
import { FILE_FEATURES } from './file-features.js';
import type { Category, Feature, Verdict } from './kit.js';
import { MEMORY_FEATURES } from './memory-features.js';
import { NETWORK_FEATURES } from './network-features.js';
import { PROCESS_FEATURES } from './process-features.js';

export type { Category, Feature, Verdict } from './kit.js';

export const FEATURES: readonly Feature[] = [
  ...PROCESS_FEATURES,
  ...MEMORY_FEATURES,
  ...FILE_FEATURES,
  ...NETWORK_FEATURES,
];

/** Said after the description of a missing feature. */
export const CATEGORY_NOTE: Readonly<Record<Category, string>> = {
  required: '; nothing works without it',
  extra: '',
  experimental: ' (experimental)',
  optional: ' (not needed)',
  named: '',
};

export interface CheckResult {
  readonly feature: Feature;
  /** Null when it is there, else what was seen instead. */
  readonly missing: Verdict;
}

/** Probes features one after the other. A probe that breaks says so as its result. */
export async function* check(names: readonly string[]): AsyncGenerator<CheckResult> {
  for (const name of names) {
    const feature = FEATURES.find((f) => f.name === name);
    if (!feature) throw new RangeError(`no feature ${name}`);
    let missing: Verdict;
    try {
      missing = await feature.probe();
    } catch (error) {
      missing = `the probe failed: ${(error as Error).message}`;
    }
    yield { feature, missing };
  }
}
