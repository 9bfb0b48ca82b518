// `node tools/declarations.mjs`, after `tsc -b`: what packages declare has no generic buffers (`Buffer<ArrayBuffer>`), which compilers
// before TypeScript 5.7 do not know. Part of `npm run check`; the packed packages are held against the same rule (pack/rules.mjs).
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasGenericBuffers } from './pack/rules.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);

const faults = [...packages, 'native'].flatMap((home) => {
  const dist = join(root, home, 'dist');
  if (!existsSync(dist)) return [];
  return readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.d.ts'))
    .map((file) => [
      `${home}/${home === 'native' ? 'lib' : 'src'}/${file.replace(/d\.ts$/, 'ts')}`,
      join(dist, file),
    ])
    .filter(
      ([source, file]) => existsSync(join(root, source)) && hasGenericBuffers(readFileSync(file, 'utf8')),
    )
    .map(([source]) => source);
});
for (const source of faults)
  console.error(
    `${source}: what is exported has a generic buffer, as Buffer<ArrayBuffer>: annotate it, as Buffer`,
  );
process.exitCode = faults.length > 0 ? 1 : 0;
