// Arguments and environment of this process as names (names.ts). Node decodes both as UTF-8 and replaces invalid bytes
// by U+FFFD.
import { readFileSync } from 'node:fs';
import { decodeName } from './names.js';

const LOST = '\ufffd';

function stringsOf(file: string): Buffer[] {
  const all = readFileSync(file).toString('latin1');
  return all
    .split('\0')
    .slice(0, -1)
    .map((text) => Buffer.from(text, 'latin1'));
}

/** The arguments after the names of node and of its script. */
export function ownArguments(): string[] {
  const args = process.argv.slice(2);
  if (!args.some((word) => word.includes(LOST))) return args;
  return stringsOf('/proc/self/cmdline').slice(-args.length).map(decodeName);
}

/** The environment, including changes since the start of the process. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  const now = { ...process.env };
  if (!Object.entries(now).some(([name, value]) => `${name}${value}`.includes(LOST))) return now;
  for (const bytes of stringsOf('/proc/self/environ')) {
    const end = bytes.indexOf(0x3d);
    const [name, value] = [bytes.subarray(0, end), bytes.subarray(end + 1)];
    const read = name.toString('utf8');
    if (end < 0 || now[read] !== value.toString('utf8')) continue;
    delete now[read];
    now[decodeName(name)] = decodeName(value);
  }
  return now;
}
