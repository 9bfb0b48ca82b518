// Builds all packages, for a command that needs them first: says what is being built, in a line each.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { asOwner } from './owner.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @param say is given each line */
export async function buildAll(say) {
  const begun = Date.now();
  say('building the packages (half a minute when all is new, nothing when nothing has changed)');
  const args = [
    join(root, 'node_modules/nx/dist/bin/nx.js'),
    'run-many',
    '-t',
    'build',
    '--outputStyle=static',
  ];
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...asOwner(),
  });
  const lines = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      const [, name, note] = /^> nx run (\S+):build(.*)/.exec(line) ?? [];
      if (name) say(`  ${name}${/cache/.test(note) ? ': nothing new' : ''}`);
    });
  const code = await new Promise((resolve) => {
    child.on('error', resolve);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`the build failed\n${lines.join('\n')}`);
  say(`built in ${Math.round((Date.now() - begun) / 1000)} s`);
}
