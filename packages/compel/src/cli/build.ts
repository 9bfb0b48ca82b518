// `compel build` and `compel hgen`: build and convert files.

import { basename } from 'node:path';
import { readFileSync, writeFileSync } from '@criu/native/fs';
import { loaderSource, packElf, readBlob } from '../blob.js';
import { buildParasite } from '../build.js';

export function build(
  sources: readonly string[],
  options: { output?: string | undefined; loader?: string | undefined; cc?: string | undefined },
): number {
  const output = options.output ?? `${basename(sources[0] ?? 'parasite').replace(/\.c$/, '')}.blob`;
  const blob = buildParasite(sources, options.cc ? { cc: options.cc } : {});
  finish(blob, output, options.loader);
  return 0;
}

export function hgen(file: string, output: string, loader?: string): number {
  finish(packElf(readFileSync(file), basename(file)), output, loader);
  return 0;
}

function finish(blob: Buffer, output: string, loader: string | undefined): void {
  writeFileSync(output, blob);
  const parsed = readBlob(blob);
  if (loader) writeFileSync(loader, loaderSource(parsed, basename(output)));
  const commands = parsed.header.commands.map((c) => c.name).join(', ');
  process.stdout.write(`${output}: ${blob.length} bytes, commands: ${commands}\n`);
}
