// Groups of the controller `cpu` that have no time for real-time tasks, as all new ones where the kernel counts it (RT_GROUP_SCHED):
// tasks come back into them, though they have the priority of the restore until they are complete.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { Hierarchy } from '../../src/resources/cgroups/hierarchy.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { family, free, freshDir, until } from '../support.js';

afterAll(cleanUp);

function openCpu(): Hierarchy | undefined {
  try {
    return Hierarchy.open('cpu', undefined);
  } catch {
    return undefined;
  }
}

const cpu = isRoot ? openCpu() : undefined;
const counts = cpu !== undefined && existsSync(join(cpu.path('/'), 'cpu.rt_runtime_us'));
afterAll(() => cpu?.close());

test.skipIf(!counts)('tasks come back into groups without time for real-time tasks', async () => {
  const group = cpu?.path(`criu-test-${process.pid}`) ?? '';
  mkdirSync(group);
  const victim = await Victim.start('family', {}, new URL('victims/family.c', import.meta.url));
  try {
    const pids = family(victim.pid);
    for (const pid of pids) writeFileSync(join(group, 'cgroup.procs'), String(pid));
    const imagesDir = freshDir();
    await dump({ pid: victim.pid, imagesDir });
    await free(pids);
    await restore({ imagesDir, detached: true });
    expect(await victim.verify()).toBe('ok');
    const inside = readFileSync(join(group, 'cgroup.procs'), 'utf8').trim().split('\n').map(Number);
    expect(inside.sort()).toEqual(pids.sort());
  } finally {
    await victim.end();
    await until('the group is empty', () => readFileSync(join(group, 'cgroup.procs'), 'utf8') === '');
    rmdirSync(group);
  }
});
