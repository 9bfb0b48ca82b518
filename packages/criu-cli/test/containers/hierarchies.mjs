// Groups in hierarchies of cgroup v1, also in those that are mounted nowhere, as named ones of other programs may be. Tests with
// cgroup v2 alone do not see them; but crun, from 1.9 on, asks for its container's group in all hierarchies when it restores, where
// it is made, by CRIU as well, and removes that of cgroup v2 afterwards.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** In a mount namespace of its own, with each hierarchy in a folder below `$1`. */
const EACH = `mount --make-rprivate /
at=$1; shift
mount -t tmpfs none "$at"
for name in "$@"; do
  plain=\${name#name=}
  [ "$plain" = "$name" ] && how=$name || how=none,$name
  mkdir "$at/$plain" && mount -t cgroup -o "$how" none "$at/$plain"
done
for top in "$at"/*/$WORD; do
  [ -d "$top" ] && find "$top" -depth -type d -exec rmdir {} ';'
done`;

/** Removes empty groups at the top of hierarchies of version 1 whose names are like a pattern of the shell, and those below. */
export function tidyHierarchies(pattern) {
  const names = readFileSync('/proc/self/cgroup', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(':')[1])
    .filter(Boolean);
  const at = mkdtempSync(join(tmpdir(), 'criu-hierarchies-'));
  try {
    spawnSync('unshare', ['--mount', 'sh', '-c', EACH, 'sh', at, ...names], {
      stdio: 'ignore',
      env: { ...process.env, WORD: pattern },
    });
  } finally {
    rmdirSync(at);
  }
}
