// `npm run build` of this package, after tsc: the bundled command in dist/.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, keepCompiledCode } from './bundle.mjs';

await bundle(join(dirname(fileURLToPath(import.meta.url)), 'dist'));
await keepCompiledCode();
