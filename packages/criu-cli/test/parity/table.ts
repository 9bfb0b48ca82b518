// The tables together, and what is asked of them.
import { VARIABLE_FACTS } from './environment.js';
import type { Fact } from './fact.js';
import { FEATURE_FACTS } from './features.js';
import { COMMAND_FACTS, OPTION_FACTS } from './options.js';
import { FIELD_FACTS, MESSAGE_FACTS, REQUEST_FACTS, STAGE_FACTS } from './requests.js';

/** For `test.each`: the name of a row, and the row. */
export const named = <T extends Fact>(facts: readonly T[]) => facts.map((fact) => [fact.name, fact] as const);
export const of = <T extends Fact>(facts: readonly T[], ...kinds: Fact['is'][]) =>
  facts.filter(({ is }) => kinds.includes(is));
export const names = (facts: readonly { readonly name: string }[]) => facts.map(({ name }) => name).sort();

export const TABLES: readonly (readonly [string, readonly Fact[]])[] = [
  ['options', OPTION_FACTS],
  ['commands', COMMAND_FACTS],
  ['variables', VARIABLE_FACTS],
  ['features', FEATURE_FACTS],
  ['fields of criu_opts', FIELD_FACTS],
  ['requests', REQUEST_FACTS],
  ['stages', STAGE_FACTS],
  ...Object.entries(MESSAGE_FACTS),
];
