// go-criu of Debian's package, unchanged, in a small program of ours: it asks criu for the version, features, a pre-dump, a
// dump that builds on it, one through a page server, and a restore, and reads the statistics.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { env, run, work } from './kit.mjs';

const GOCODE = '/usr/share/gocode';
const LIBRARY = 'github.com/checkpoint-restore/go-criu';
const source = join(dirname(fileURLToPath(import.meta.url)), 'go-client.go');

/** Builds the program with the libraries that Debian has below /usr/share/gocode. @returns its path */
export function buildGoClient() {
  const folder = join(work, 'go', 'src', 'client');
  mkdirSync(folder, { recursive: true });
  // The path of the module has its major version: /v5 in Debian 12, /v7 in Debian 13.
  const [, module] = /^module (\S+)/m.exec(readFileSync(join(GOCODE, 'src', LIBRARY, 'go.mod'), 'utf8'));
  writeFileSync(
    join(folder, 'main.go'),
    readFileSync(source, 'utf8').replaceAll(`"${LIBRARY}`, `"${module}`),
  );
  // Without modules, go finds a path with a version only for packages that have this file.
  writeFileSync(join(folder, 'go.mod'), 'module client\n');
  const program = join(work, 'go-client');
  run('go', ['build', '-o', program, '.'], {
    cwd: folder,
    timeout: 300_000,
    env: {
      ...env,
      GO111MODULE: 'off',
      GOPATH: `${join(work, 'go')}:${GOCODE}`,
      GOCACHE: join(work, 'go-cache'),
      CGO_ENABLED: '0',
    },
  });
  return program;
}
