// Keeps what V8 makes of the bundles beside them: runs in one process what most uses need, so that the functions for it
// are compiled. Its standard output is of no use. Argument: the folder of the bundles, dist/ here if there is none.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const { keepCompiled } = createRequire(import.meta.url)('../../../tools/launcher.cjs');
const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const [dist = path('../dist')] = process.argv.slice(2);
const set = path('../../images/test/fixtures/criu-4.2/ipc');
const image = join(set, 'core-1.img');
const scratch = mkdtempSync(join(tmpdir(), 'crit-build-'));
const json = join(scratch, 'core.json');

const commands = {
  quick: [
    ['decode', '-i', image, '-o', json],
    ['encode', '-i', json, '-o', join(scratch, 'core.img')],
    ['show', image],
    ['info', image],
    ['decode', '-i', join(set, 'files.img'), '-o', json],
    ['decode', '-i', join(set, 'pagemap-1.img'), '-o', json],
    ...['ps', 'fds', 'mems', 'rss', 'sk'].map((what) => ['x', set, what]),
  ],
  crit: [
    ['diff', image, image],
    ['x', set, 'ps', '--json'],
  ],
};

try {
  for (const [name, list] of Object.entries(commands)) {
    const filename = join(dist, `${name}.cjs`);
    const text = readFileSync(filename, 'latin1');
    const script = new Script(text, { filename: `${name}.cjs` });
    const module = { exports: {} };
    script.runInThisContext()(module.exports, createRequire(filename), module, filename, dist);
    for (const args of list) await module.exports.run(args);
    keepCompiled(join(dist, `${name}.cache`), script, text);
  }
} finally {
  rmSync(scratch, { recursive: true });
}
