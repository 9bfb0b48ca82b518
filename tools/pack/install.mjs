// Installs packages of this repository as npm does for a user: from a registry, by their names.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serveRegistry } from './registry.mjs';

/** As execFile, while something is served by this process. @returns what it has said */
function runBeside(dir, command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        said += text;
      });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0
        ? resolve(said)
        : reject(new Error(`${command} ${args.join(' ')}: exit code ${code}\n${said}`)),
    );
  });
}

/**
 * @param dir a folder for nothing else, made if it is not there
 * @param packages `{ manifest, tarball }` of all of this repository; what else they need comes from npm's registry
 * @param names of those that are wanted
 */
export async function installPackages(dir, packages, ...names) {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'package.json'), '{ "private": true, "type": "module" }\n');
  const registry = await serveRegistry(packages);
  try {
    writeFileSync(join(dir, '.npmrc'), `@criu:registry=${registry.url}\n`);
    // Compilers must not be needed.
    const env = { ...process.env, CC: 'false', CXX: 'false', CMAKE: 'false', NODE_PATH: '' };
    const options = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
    await runBeside(dir, 'npm', ['install', ...options, ...names], env);
  } finally {
    registry.close();
  }
}
