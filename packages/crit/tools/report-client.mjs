// Makes src/report/client.generated.ts, the script of a report's page as a text, from src/report/client/. Run it after a change
// there: `npm run generate -w @criu/crit`.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
export const target = path('../src/report/client.generated.ts');

/** The module's text. */
export async function clientModule() {
  const { outputFiles } = await build({
    entryPoints: [path('../src/report/client/main.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: ['chrome103', 'firefox113', 'safari16.4'],
    charset: 'ascii',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  // It stands in a <script> element.
  const script = outputFiles[0].text.replaceAll('</', '<\\/').trim();
  return `// Generated from client/ by tools/report-client.mjs. Do not edit.\nexport const clientScript = ${JSON.stringify(script)};\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, await clientModule());
