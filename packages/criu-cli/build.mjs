// `npm run build` of this package, after tsc: the bundled command in dist/.
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const dist = join(dirname(fileURLToPath(import.meta.url)), 'dist');
rmSync(join(dist, 'chunks'), { recursive: true, force: true });
await bundle(dist);
