// crun: what runc is asked, where it has the same options. Debian's package is built without CRIU, so one is built here.
import { builtCrun, crunHasCheckpoints } from './build-crun.mjs';
import { Bundle, withContainer } from './bundle.mjs';
import { cases } from './cases.mjs';
import { groups } from './groups.mjs';
import { criu, crossed, freshDir, have, RUN, skip, test, useCriu, useProgram } from './kit.mjs';
import { moreOptions } from './more-options.mjs';
import { options } from './options.mjs';
import { podman } from './podman.mjs';
import { workloads } from './workloads.mjs';

export default async function crun() {
  const installed = crunHasCheckpoints();
  const program = installed ? undefined : builtCrun();
  if (!installed && !program) {
    skip('crun: checkpoint and restore', process.env.CRUN_FAILURE ?? 'there is none with checkpoints');
    return;
  }
  if (program) useProgram('crun', program);
  const box = new Bundle('crun', `box-crun-${RUN}`);
  await withContainer(box, async () => {
    await test('crun: ten cycles of checkpoint and restore', async () => {
      for (let i = 0; i < 10; i++) await box.cycle();
    });
    await test('crun: --leave-running', async () => {
      box.checkpoint(freshDir(), '--leave-running');
      await box.goesOn();
    });
    await crossed('crun', async (dumper, restorer) => {
      const usual = box.by;
      try {
        box.by = { checkpoint: dumper, restore: restorer };
        box.restore(box.checkpoint(freshDir()));
        await box.goesOn();
      } finally {
        box.by = usual;
      }
    });
  });
  await options('crun');
  await moreOptions('crun');
  await groups('crun');
  await cases('crun');
  await workloads('crun');
  // DUMPS and RESTORES are those of runtimes: podman takes what is first in PATH.
  useCriu(criu);
  if (have('podman')) await podman(program ?? 'crun');
  else skip('podman with crun', 'there is no podman');
}
