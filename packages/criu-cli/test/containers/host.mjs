// What the machine has, before and after: whatever engines and checkpoints leave behind shows as a difference. Processes,
// mounts, network interfaces, nft tables and files of /run are those of namespaces that the tests have to themselves.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Groups that engines make once and keep, by their name in the root of a hierarchy. */
const OF_ENGINES =
  /^(libpod_parent|docker|default|lxc(\..*)?|containerd|crio|k8s\.io|machine\.slice|user\.slice)$/;
/** Those of other tests on the same machine. */
const OF_OTHERS = /^user$|criu-test|zdtm|holder|process_api|farm/;
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
/** Folders above the topmost groups: hierarchies, where there are several. */
const ABOVE = existsSync(join(CGROUPS, 'cgroup.procs')) ? 0 : 1;

function groups(folder = CGROUPS, depth = 0) {
  let names = [];
  try {
    names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  } catch {
    return [];
  }
  return names.flatMap(({ name }) => {
    const path = join(folder, name);
    return OF_OTHERS.test(name) ? [] : [...(depth >= ABOVE ? [path] : []), ...groups(path, depth + 1)];
  });
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
    controllers: handedDown().names,
    tables: lines('nft', ['list', 'tables']),
    links: lines('ip', ['-o', 'link']).map((line) => line.split(':').slice(0, 2).join(':')),
    files: files('/run').filter((path) => /criu|netns/.test(path) && !/criu.kdat|lxc.lock/.test(path)),
  };
}

/** Takes away the groups that engines keep for the next container. */
export function tidyGroups(before) {
  const kept = new Set(before.groups);
  for (const path of groups().reverse()) {
    const top = path.split('/').slice(4)[ABOVE] ?? '';
    if (kept.has(path) || !OF_ENGINES.test(top)) continue;
    try {
      rmdirSync(path);
    } catch {
      // Somebody is in it: that shows as a difference.
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
    const known = new Set(before[what]);
    return list.filter((item) => !known.has(item)).map((item) => `${what}: ${item}`);
  });
}
