// Terminal colours; none if the output is not a terminal.
import type { Environment } from './environment.js';

/** Select Graphic Rendition of ECMA-48. */
const CODES = { error: '1;31', warning: '33', good: '32', strong: '1', faint: '2' } as const;

export type Style = Readonly<Record<keyof typeof CODES, (text: string) => string>>;

const plain = (text: string) => text;
const coloured = (code: string) => (text: string) => `\x1b[${code}m${text}\x1b[0m`;

const styleOf = (make: (code: string) => (text: string) => string): Style => ({
  error: make(CODES.error),
  warning: make(CODES.warning),
  good: make(CODES.good),
  strong: make(CODES.strong),
  faint: make(CODES.faint),
});

export const PLAIN: Style = styleOf(() => plain);
const COLOURS: Style = styleOf(coloured);

/** The style for an output. @param terminal whether the output is a terminal */
export function styleFor(terminal: boolean, { NO_COLOR, TERM }: Environment): Style {
  return terminal && !NO_COLOR && TERM !== 'dumb' ? COLOURS : PLAIN;
}
