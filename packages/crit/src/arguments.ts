// The arguments of this process with bytes that are not UTF-8, which Node replaces by U+FFFD.
import { readFileSync } from 'node:fs';
import { decodeName } from '@criu/images';

/** Node's arguments, or, if they contain U+FFFD, those of /proc/self/cmdline, as names like those in images. */
export function exactArguments(args: readonly string[]): readonly string[] {
  if (args.length === 0 || !args.some((word) => word.includes('\ufffd'))) return args;
  const all = readFileSync('/proc/self/cmdline');
  const exact = all.toString('latin1').split('\0').slice(0, -1).slice(-args.length);
  return exact.map((word) => decodeName(Buffer.from(word, 'latin1')));
}
