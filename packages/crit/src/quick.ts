// The plainest command lines, taken without the parser; everything else, help and mistakes included, is left to it.
import { type DecodeOptions, decode } from './actions/decode.js';
import { encode } from './actions/encode.js';

/** Does the work and says so, or leaves it alone. */
export function quick(args: readonly string[]): boolean {
  const [command, ...rest] = args;
  if (command === 'show' && rest.length === 1 && !rest[0]!.startsWith('-')) {
    decode({ in: rest[0], pretty: true });
    return true;
  }
  if (command !== 'decode' && command !== 'encode') return false;
  const options: { -readonly [K in keyof DecodeOptions]: DecodeOptions[K] } = {};
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at];
    if (word === '-i' || word === '--in' || word === '-o' || word === '--out') {
      const value = rest[++at];
      const key = word.includes('i') ? 'in' : 'out';
      if (value === undefined || value.startsWith('-') || options[key] !== undefined) return false;
      options[key] = value;
    } else if (word === '--pretty' && command === 'decode') options.pretty = true;
    else return false;
  }
  if (command === 'decode') decode(options);
  else encode(options);
  return true;
}
