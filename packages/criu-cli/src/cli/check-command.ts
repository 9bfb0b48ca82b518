// `criu check`: probes kernel features one by one, with CRIU's messages and exit codes.

import { CriuError } from '../errors.js';
import { type CheckResult, FEATURES } from '../features/index.js';
import { didYouMean } from './normalise.js';
import { requirePrivileges, requireSupported, type Settings } from './settings.js';
import type { Shell } from './shell.js';
import type { Style } from './style.js';

const GOOD = 'Looks good.\n';
const MAYBE =
  'Looks good but some kernel features are missing\n' +
  'which, depending on your process tree, may cause\n' +
  'dump or restore failure.\n';
const BAD = 'Does not look good.\n';

export async function checkCommand(settings: Settings, shell: Shell): Promise<number> {
  const json = settings.flag('json');
  const asked = settings.text('feature');
  if (asked === 'list') {
    shell.stdout(`${FEATURES.map((f) => f.name).join('\n')}\n`);
    return 0;
  }
  requireSupported(settings);
  requirePrivileges(settings, shell.uid);
  if (asked !== undefined) return checkOne(asked, settings, shell);
  const wanted = new Set<string>(['required', 'optional']);
  if (settings.flag('extra') || settings.flag('all')) wanted.add('extra');
  if (settings.flag('experimental') || settings.flag('all')) wanted.add('experimental');
  const unprivileged = settings.flag('unprivileged') && shell.uid !== 0;
  const names = FEATURES.filter((f) => wanted.has(f.category) && !(unprivileged && f.privileged)).map(
    (f) => f.name,
  );
  const results: CheckResult[] = [];
  let verdict = 0;
  for await (const result of shell.check(names)) {
    results.push(result);
    if (result.missing === null) continue;
    if (result.feature.category !== 'optional') verdict = 1;
    if (!json && settings.verbosity >= 1) shell.stderr(missingText(result, shell.style.err));
    // A missing required feature ends the check, so that its message is not lost among others.
    if (result.feature.category === 'required') break;
  }
  const required = results.some((r) => r.missing !== null && r.feature.category === 'required');
  if (json) shell.stdout(asJson(results, verdict === 0));
  else if (required) shell.stderr(shell.style.err.error(BAD));
  else shell.stdout(verdict ? shell.style.out.warning(MAYBE) : shell.style.out.good(GOOD));
  return verdict;
}

async function checkOne(name: string, settings: Settings, shell: Shell): Promise<number> {
  const feature = FEATURES.find((f) => f.name === name);
  if (!feature) {
    if (settings.verbosity < 1) return 1;
    throw new CriuError(
      'BAD_OPTION',
      `unknown feature ${name}`,
      {},
      didYouMean(
        name,
        FEATURES.map((f) => f.name),
      ) ?? '`criu check --feature list` prints all names',
    );
  }
  for await (const result of shell.check([name])) {
    const there = result.missing === null;
    if (settings.flag('json')) shell.stdout(asJson([result], there));
    else if (there) shell.stdout(`${name} is supported\n`);
    else if (settings.verbosity >= 1) shell.stderr(missingText(result, shell.style.err));
    if (!there) return 1;
  }
  return 0;
}

function asJson(results: readonly CheckResult[], good: boolean): string {
  const features = results.map(({ feature, missing }) => ({
    name: feature.name,
    category: feature.category,
    supported: missing === null,
    ...(missing === null ? {} : { reason: missing, without: feature.without }),
  }));
  return `${JSON.stringify({ good, features }, null, 2)}\n`;
}

function missingText({ feature, missing }: CheckResult, style: Style): string {
  const name = feature.category === 'optional' ? feature.name : style.warning(feature.name);
  const note = feature.category === 'experimental' ? ' (experimental)' : '';
  return `${name}: ${missing}\n  ${feature.what}${note}\n  without it: ${feature.without}\n`;
}
