// Entry point of the bundle for the simplest command lines, without the parser. All others, with help and errors, are
// left to the bundle with all commands.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DecodeOptions, decode } from './actions/decode.js';
import { encode } from './actions/encode.js';
import { explore, topics } from './actions/explore.js';
import { info } from './actions/info.js';
import { exactArguments } from './arguments.js';
import { report } from './failure.js';

/** Runs the command and returns true, or returns false without doing anything. */
export function run(args: readonly string[]): boolean {
  const work = recognise(exactArguments(args));
  if (work === undefined) return false;
  try {
    work();
  } catch (failure) {
    report(failure);
  }
  return true;
}

function recognise([command, ...rest]: readonly string[]): (() => void) | undefined {
  if (command === 'show' || command === 'info') {
    const [path] = rest;
    if (rest.length !== 1 || path === undefined || path.startsWith('-')) return undefined;
    return command === 'show' ? () => decode({ in: path, pretty: true }) : () => info(path);
  }
  if (command === 'x') {
    const [dir, what] = rest;
    if (rest.length !== 2 || dir === undefined || what === undefined) return undefined;
    if (dir.startsWith('-') || !Object.hasOwn(topics, what)) return undefined;
    // Archives, and directories unpacked from them, need the other bundle.
    if (!existsSync(join(dir, 'inventory.img'))) return undefined;
    return () => explore({ dir, what });
  }
  if (command !== 'decode' && command !== 'encode') return undefined;
  const options: { -readonly [K in keyof DecodeOptions]: DecodeOptions[K] } = {};
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? '';
    if (word === '-i' || word === '--in' || word === '-o' || word === '--out') {
      const value = rest[++at];
      const key = word.includes('i') ? 'in' : 'out';
      if (value === undefined || value.startsWith('-') || options[key] !== undefined) return undefined;
      options[key] = value;
    } else if (command === 'decode' && word === '--pretty') options.pretty = true;
    else if (command === 'decode' && word === '--nopl') options.nopl = true;
    else return undefined;
  }
  return command === 'decode' ? () => decode(options) : () => encode(options);
}
