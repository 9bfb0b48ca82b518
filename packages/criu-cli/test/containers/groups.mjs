// Containers of a runtime in a cgroup of their own, with limits, in each mode in which cgroups can be managed.
import { existsSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { Bundle, withContainer } from './bundle.mjs';
import { attempt, freshDir, RUN, skip, test } from './kit.mjs';

const LIMIT = 64;
const V1 = existsSync('/sys/fs/cgroup/pids');
/** With hybrid hierarchies, cgroup v2 may have been left without controllers. */
const LIMITED = V1 || /\bpids\b/.test(readFileSync('/sys/fs/cgroup/cgroup.controllers', 'utf8'));
const CRUN_IGNORES =
  'crun 1.8 asks for "soft" in restores, whatever its option says, and makes the cgroup later';
const folder = (group) => join(V1 ? '/sys/fs/cgroup/pids' : '/sys/fs/cgroup', group);

/** The group in which the container's first task is, in the hierarchy that has limits of pids. */
function groupOf(pid) {
  const line = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
    .split('\n')
    .find((text) => (V1 ? /:pids:/.test(text) : text.startsWith('0::')));
  return line.split(':').at(-1);
}

function inGroup(runtime, mode, group) {
  return new Bundle(runtime, `box-${mode}-${RUN}`, (spec) => {
    spec.linux.cgroupsPath = group;
    if (LIMITED) spec.linux.resources = { ...spec.linux.resources, pids: { limit: LIMIT } };
  });
}

function check(box, group) {
  const at = groupOf(box.state.pid);
  if (at !== group) throw new Error(`it is in ${at}, and belongs into ${group}`);
  if (!LIMITED) return;
  const limit = readFileSync(join(folder(group), 'pids.max'), 'utf8').trim();
  if (limit !== String(LIMIT)) throw new Error(`the limit of pids is ${limit}, and was ${LIMIT}`);
}

/** Empty groups of these tests, also those above them. */
function tidy(top) {
  for (const path of attempt('find', ['/sys/fs/cgroup', '-depth', '-type', 'd', '-path', `*/${top}*`])
    .text.trim()
    .split('\n'))
    if (existsSync(path)) rmdirSync(path);
}

export async function groups(runtime) {
  const help = attempt(runtime, ['checkpoint', '--help']).text;
  const top = `box-group-${RUN}`;
  try {
    for (const mode of ['soft', 'full', 'strict', 'ignore']) {
      const name = `${runtime}: --manage-cgroups-mode ${mode}, in a cgroup of its own`;
      if (!help.includes(mode)) {
        skip(name, `this ${runtime} knows no such mode`);
        continue;
      }
      if (mode === 'ignore' && runtime === 'crun') {
        skip(name, CRUN_IGNORES);
        continue;
      }
      const how = ['--manage-cgroups-mode', mode];
      // For "strict" no group may be there, and runtimes make them before they ask for a restore.
      const back = mode === 'strict' ? ['--manage-cgroups-mode', 'soft'] : how;
      await test(name, async () => {
        const group = `/${top}/${mode}`;
        const box = inGroup(runtime, mode, group);
        await withContainer(box, async () => {
          check(box, group);
          for (let cycle = 0; cycle < 5; cycle++) {
            const dir = freshDir();
            box.checkpoint(dir, ...how);
            if (existsSync(folder(group))) throw new Error('the cgroup of an ended container is there');
            box.restore(dir, ...back);
            await box.goesOn();
            check(box, group);
          }
        });
        if (existsSync(folder(group))) throw new Error('the cgroup of a deleted container is there');
      });
    }
    const moved = `${runtime}: restored into another cgroup`;
    if (runtime === 'crun') {
      skip(moved, CRUN_IGNORES);
      return;
    }
    if (!V1 && !help.includes('ignore')) {
      skip(moved, 'with cgroup v2 that takes the mode "ignore", for CRIU as well');
      return;
    }
    await test(moved, async () => {
      const mode = help.includes('ignore') ? 'ignore' : 'soft';
      const [first, second] = [`/${top}/first`, `/${top}/deep/second`];
      const box = inGroup(runtime, 'moved', first);
      await withContainer(box, async () => {
        const dir = box.checkpoint(freshDir(), '--manage-cgroups-mode', mode);
        box.reconfigure((spec) => {
          spec.linux.cgroupsPath = second;
        });
        box.restore(dir, '--manage-cgroups-mode', mode);
        await box.goesOn();
        check(box, second);
        if (existsSync(folder(first))) throw new Error('the earlier cgroup is there again');
      });
    });
  } finally {
    tidy(top);
  }
}
