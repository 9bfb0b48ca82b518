// `npm run build` of this package, after tsc: the bundled command in dist/.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, keepCompiledCode, keepVersion } from './bundle.mjs';

const dist = join(dirname(fileURLToPath(import.meta.url)), 'dist');
await bundle(dist);
keepVersion(dist);
await keepCompiledCode();
