// A checkout belongs to somebody. When root works in it (`sudo npm test`), what is built there is built as its owner, and what
// root has left there is given to the owner, so that his next command is not refused his own files.
import { existsSync, lchownSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Home directory of a user, if he has one. */
function homeOf(uid) {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.split(':')[2] === String(uid));
  return line?.split(':')[5];
}

/** The owner of a directory where root works and it is somebody else's. */
export function otherOwner(dir = root) {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = lstatSync(dir);
  return uid === 0 ? undefined : { uid, gid };
}

/**
 * The environment for another home directory: what `npm run` tells other npms of root's own (its cache, its settings) would be
 * refused to anybody else.
 */
export function withHome(env, HOME) {
  const kept = Object.entries(env).filter(
    ([name, value]) => !(name.startsWith('npm_config_') && env.HOME && value?.startsWith(`${env.HOME}/`)),
  );
  return { ...Object.fromEntries(kept), HOME };
}

/** Options for what is started, so that it runs as the owner of the checkout. */
export function asOwner(dir = root) {
  const owner = otherOwner(dir);
  if (!owner) return {};
  const home = homeOf(owner.uid);
  // npm keeps what it has fetched in the home directory.
  const HOME = home && existsSync(home) ? home : join(dir, 'node_modules', '.cache', 'home');
  return { ...owner, env: withHome(process.env, HOME) };
}

/** Gives the owner of a directory what is root's in it. History (.git) is left alone. @returns how many files */
export function giveBack(dir = root) {
  const owner = otherOwner(dir);
  if (!owner) return 0;
  let given = 0;
  const visit = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (path === dir && entry.name === '.git') continue;
      const file = join(path, entry.name);
      try {
        if (lstatSync(file).uid === 0) {
          lchownSync(file, owner.uid, owner.gid);
          given++;
        }
        if (entry.isDirectory()) visit(file);
      } catch (error) {
        // Something that runs meanwhile has removed it.
        if (error.code !== 'ENOENT') throw error;
      }
    }
  };
  visit(dir);
  return given;
}
