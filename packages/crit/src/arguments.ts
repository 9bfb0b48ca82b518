// The arguments of this process, also where they are no UTF-8: node puts U+FFFD in the place of such bytes.
import { readFileSync } from 'node:fs';
import { decodeName } from '@criu/images';

/** As node has them, or, where bytes of them are lost, as the kernel has them: names as those in images. */
export function exactArguments(args: readonly string[]): readonly string[] {
  if (args.length === 0 || !args.some((word) => word.includes('\ufffd'))) return args;
  const all = readFileSync('/proc/self/cmdline');
  const exact = all.toString('latin1').split('\0').slice(0, -1).slice(-args.length);
  return exact.map((word) => decodeName(Buffer.from(word, 'latin1')));
}
