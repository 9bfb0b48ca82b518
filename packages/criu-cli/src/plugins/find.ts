// Finds plugins: in a directory, or by path or package name.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ownEnvironment } from '@criu/native';
import { existsSync, readdirSync, readFileSync, resolvePath } from '@criu/native/fs';
import { CriuError } from '../errors.js';

/** Where distributions install CRIU's plugins. */
const DEFAULT_DIR = '/usr/lib/criu';

export interface FoundPlugin {
  readonly path: string;
  /** A shared object with C functions, or a JavaScript module. */
  readonly kind: 'c' | 'module';
  /**
   * Explicitly requested. Plugins of the default directory that need symbols of the CRIU executable are skipped
   * instead.
   */
  readonly wanted: boolean;
}

function kindOf(path: string): FoundPlugin['kind'] | undefined {
  if (path.endsWith('.so')) return 'c';
  return /\.[cm]?js$/.test(path) ? 'module' : undefined;
}

/**
 * All plugins in the order in which they are asked: first those named, then those of the directory.
 * @param libdir undefined for that of CRIU_LIBS_DIR, or else the default one if it exists
 * @param names paths and package names
 * @throws CriuError BAD_OPTION
 */
export function findPlugins(libdir: string | undefined, names: readonly string[] = []): FoundPlugin[] {
  const named = names.map((name) => ({ ...resolvePlugin(name), wanted: true }));
  const given = libdir ?? (ownEnvironment()['CRIU_LIBS_DIR'] || undefined);
  return [...named, ...inDirectory(given ?? DEFAULT_DIR, given !== undefined)];
}

function inDirectory(dir: string, wanted: boolean): FoundPlugin[] {
  if (!wanted && !existsSync(dir)) return [];
  let names: string[];
  try {
    names = readdirSync(dir).sort();
  } catch (error) {
    throw new CriuError(
      'BAD_OPTION',
      'the directory of plugins cannot be read',
      { file: dir },
      'name another with --libdir, or in CRIU_LIBS_DIR',
      error,
    );
  }
  return names.flatMap((name) => {
    const kind = kindOf(name);
    return kind === undefined ? [] : [{ path: join(dir, name), kind, wanted }];
  });
}

/** The path of a plugin, resolved against a directory; a package that is not found keeps its name. */
export function pluginPath(name: string, from: string): string {
  if (/^[./]/.test(name) || kindOf(name) === 'c') return resolvePath(from, name);
  return entryOf(name, from) ?? name;
}

function resolvePlugin(name: string): Pick<FoundPlugin, 'path' | 'kind'> {
  const path = pluginPath(name, process.cwd());
  const kind = kindOf(path);
  if (!existsSync(path))
    throw new CriuError(
      'BAD_OPTION',
      `there is no plugin ${name}`,
      {},
      'it is a path, or the name of a package that is installed where criu was started',
    );
  if (kind === undefined)
    throw new CriuError(
      'BAD_OPTION',
      `${name} is no plugin`,
      { file: path },
      'it is a .so, .js or .mjs file',
    );
  return { path, kind };
}

/** The entry file of a package, including one that supports only `import`. */
function entryOf(name: string, from: string): string | undefined {
  const require = createRequire(join(from, 'plugin.js'));
  try {
    return require.resolve(name);
  } catch {
    // Not found, or without an entry for require().
  }
  for (let dir = from; ; dir = dirname(dir)) {
    const home = join(dir, 'node_modules', name);
    const entry = existsSync(join(home, 'package.json')) ? imported(join(home, 'package.json')) : undefined;
    if (entry !== undefined) return join(home, entry);
    if (dir === dirname(dir)) return undefined;
  }
}

/** The file that `import` loads, according to a package.json. */
function imported(file: string): string | undefined {
  const { exports, main } = JSON.parse(readFileSync(file, 'utf8')) as { exports?: unknown; main?: string };
  let found = exports;
  if (typeof found === 'object' && found !== null && '.' in found) found = found['.'];
  while (typeof found === 'object' && found !== null) {
    const conditions = found as Record<string, unknown>;
    found = conditions['import'] ?? conditions['node'] ?? conditions['default'];
  }
  return typeof found === 'string' ? found : main;
}
