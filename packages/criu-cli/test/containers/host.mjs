// What the machine has, before and after: whatever engines and checkpoints leave behind shows as a difference. Processes,
// mounts, network interfaces, nft tables and files of /run are those of namespaces that the tests have to themselves.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RUN } from './kit.mjs';

/** Groups that engines make once and keep for the next container. */
const OF_ENGINES =
  /^(libpod_parent|docker|default|lxc\.pivot|containerd|crio|k8s\.io|machine\.slice|user\.slice)$/;
/**
 * Those themselves, that of podman's monitors, and the group of a container of a pod in the hierarchies systemd and unified, which
 * podman 4.3 with runc leaves there with CRIU as well.
 */
const IS_KEPT = new RegExp(`/(${OF_ENGINES.source.slice(2, -2)}|libpod_parent/(conmon|[0-9a-f]{64}))$`);

/** Groups to which engines give names of their own: this run's if nobody else's process is in them. */
const OF_CONTAINERS = /^(libpod|docker-|crio-|cri-containerd|kubepods|[0-9a-f]{64}$)/;
/** Groups that this run has named. */
const OF_RUN = new RegExp(`-${RUN}\\b`);
/** Lists, sorted, of what is there. */
function lines(command, args) {
  return (spawnSync(command, args, { encoding: 'utf8' }).stdout ?? '').split('\n').filter(Boolean).sort();
}

function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return [`${pid} ${stat.slice(stat.indexOf('('), stat.lastIndexOf(')') + 3)} ${command}`];
      } catch {
        return [];
      }
    });
}

function namespaces() {
  const found = new Set();
  for (const line of processes()) {
    const pid = line.split(' ')[0];
    try {
      for (const kind of readdirSync(`/proc/${pid}/ns`)) found.add(readlinkSync(`/proc/${pid}/ns/${kind}`));
    } catch {
      // It has ended.
    }
  }
  return [...found].sort();
}

const CGROUPS = '/sys/fs/cgroup';

function subgroups(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(folder, name));
  } catch {
    return [];
  }
}

/** All groups whose names are like `pattern`, and those below these. */
function groupsLike(pattern, folder = CGROUPS, inside = false) {
  return subgroups(folder).flatMap((path) => {
    const found = inside || pattern.test(path.split('/').at(-1));
    return [...(found ? [path] : []), ...groupsLike(pattern, path, found)];
  });
}

/**
 * Names of groups in which somebody is whom this pid namespace does not have: cgroup v2 lists them as 0, cgroup v1 leaves them out.
 * Engines make a container's group in all hierarchies.
 */
function foreignNames() {
  return groupsLike(OF_CONTAINERS)
    .filter((path) => {
      try {
        return readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').includes('0');
      } catch {
        return false;
      }
    })
    .map((path) => path.split('/').at(-1));
}

/** Groups that only this run can have made. */
function groups() {
  const foreign = new Set(foreignNames());
  const own = groupsLike(OF_CONTAINERS).filter(
    (path) => !IS_KEPT.test(path) && !path.split('/').some((name) => foreign.has(name)),
  );
  return [...new Set([...groupsLike(OF_RUN), ...own])];
}

/** What the root of cgroup v2 gives to its groups: the file that says so, and names of controllers. */
function handedDown() {
  const file = [CGROUPS, join(CGROUPS, 'unified')]
    .map((root) => join(root, 'cgroup.subtree_control'))
    .find((path) => existsSync(path));
  return { file, names: file ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean) : [] };
}

function files(folder, depth = 3) {
  let entries = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    return [path, ...(entry.isDirectory() && depth > 0 ? files(path, depth - 1) : [])];
  });
}

export function snapshot() {
  return {
    processes: processes(),
    namespaces: namespaces(),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' ').slice(3).join(' '))
      .sort(),
    groups: groups(),
    kept: keptGroups(),
    controllers: handedDown().names,
    tables: lines('nft', ['list', 'tables']),
    links: lines('ip', ['-o', 'link']).map((line) => line.split(':').slice(0, 2).join(':')),
    files: files('/run').filter((path) => /criu|netns/.test(path) && !/criu.kdat|lxc.lock/.test(path)),
  };
}

function keptGroups() {
  return groupsLike(OF_ENGINES).filter((path) => IS_KEPT.test(path));
}

/** Takes away the groups that engines keep for the next container. */
export function tidyGroups(before) {
  const kept = new Set(before.kept);
  for (const path of keptGroups().reverse()) {
    if (kept.has(path)) continue;
    try {
      rmdirSync(path);
    } catch {
      // A container is in it: that shows as a difference, unless it is another run's.
    }
  }
  // An engine gives its groups controllers, for which the root has to have given them to the engine's.
  const { file, names } = handedDown();
  for (const name of names)
    if (!before.controllers.includes(name))
      try {
        writeFileSync(file, `-${name}`);
      } catch {
        // Somebody else uses it by now.
      }
}

/** What is there now and was not before, a line each. */
export function leftovers(before, after) {
  return Object.entries(after).flatMap(([what, list]) => {
    // What engines keep for the next container is taken away where it can be.
    if (what === 'kept') return [];
    const known = new Set(before[what]);
    return list.filter((item) => !known.has(item)).map((item) => `${what}: ${item}`);
  });
}
