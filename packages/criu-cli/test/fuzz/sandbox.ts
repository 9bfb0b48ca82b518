// A place where images can do harm: mount, pid, network, IPC and UTS namespaces of its own. All of the machine is there, and
// what is written to it goes to a layer above (overlayfs), where it can be seen; only one folder is the real one.
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Where the real root is, seen from inside. */
const OUTSIDE = '/tmp/criu-fuzz-outside';

/** Exit code where the sandbox cannot be made: no overlayfs, or not enough privileges. */
export const NO_SANDBOX = 77;

/**
 * `$0` is a directory for the layer, `$1` the folder that is real, the rest a command. The shell stays as pid 1, to be the parent of
 * orphans. Terminals are numbered anew; nothing of /sys can be changed.
 */
const ENTER = `
trap 'exit ${NO_SANDBOX}' EXIT
set -e
layer=$0; folder=$1; shift
mount -t tmpfs tmpfs "$layer"
mkdir "$layer/up" "$layer/work" "$layer/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$layer/up,workdir=$layer/work,index=on,nfs_export=on" "$layer/root"
cd "$layer/root"
mount --rbind /dev dev
mount --rbind /sys sys
mount -o remount,bind,ro sys
mount -t proc proc proc
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
mount --bind dev/pts/ptmx dev/ptmx
mount --bind "$folder" ".$folder"
mkdir ".${OUTSIDE}"
pivot_root . ".${OUTSIDE}"
cd /
trap - EXIT
set +e
"$@" </dev/null &
wait $!
`;

/** Runs a command inside; what it prints is ours. @returns its exit code, 128 and more for a signal */
export function inSandbox(layer: string, folder: string, command: readonly string[]): number {
  mkdirSync(layer, { recursive: true });
  const namespaces = ['--mount', '--pid', '--fork', '--net', '--ipc', '--uts', '--propagation', 'private'];
  const { status, signal } = spawnSync(
    'unshare',
    [...namespaces, 'sh', '-c', ENTER, layer, folder, ...command],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  if (signal) throw new Error(`the sandbox was ended by ${signal}`);
  return status ?? 1;
}

/** What nobody but the machinery of the fuzzer itself writes. */
function isOurs(path: string, ours: readonly string[]): boolean {
  return ours.some((own) => path === own || path.startsWith(`${own}/`) || own.startsWith(`${path}/`));
}

/**
 * Everything that was made, changed or removed outside of the folder, by absolute path; called inside.
 * @param layer as given to `inSandbox`
 * @param ours paths that do not count
 */
export function touched(layer: string, ours: readonly string[]): string[] {
  const top = join(OUTSIDE, layer, 'up');
  const found: string[] = [];
  const visit = (dir: string): void => {
    for (const name of readdirSync(dir)) {
      const path = join(dir, name);
      const real = `/${relative(top, path)}`;
      const stat = lstatSync(path);
      // A folder is copied up for whatever is made in it, even if it is gone again.
      if (stat.isDirectory()) visit(path);
      else if (!isOurs(real, ours))
        found.push(stat.isCharacterDevice() && stat.rdev === 0 ? `${real} (removed)` : real);
    }
  };
  visit(top);
  return found.filter((path) => !path.startsWith(OUTSIDE));
}
