// runc: its checkpoint and restore with all their options, as its own tests have them.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bundle, ownDump, withContainer } from './bundle.mjs';
import { cases } from './cases.mjs';
import { groups } from './groups.mjs';
import { attempt, criu, crossed, env, freshDir, RUN, stands, test } from './kit.mjs';
import { moreOptions } from './more-options.mjs';
import { options } from './options.mjs';
import { rootless } from './rootless.mjs';
import { workloads } from './workloads.mjs';

const name = (what) => `box-${what}-${RUN}`;

export default async function runc() {
  const box = new Bundle('runc', name('plain'));
  await withContainer(box, async () => {
    await test('runc: ten cycles of checkpoint and restore', async () => {
      for (let i = 0; i < 10; i++) await box.cycle();
    });
    await test('runc: exec in a restored container, pause and resume', async () => {
      if (!/^\d+$/.test(box.exec('/bin/cat', '/tmp/n').trim())) throw new Error('no answer');
      box.begin(['pause', box.name]);
      await stands(box.count);
      box.begin(['resume', box.name]);
      await box.goesOn();
    });
    await test('runc: --leave-running', async () => {
      box.checkpoint(freshDir(), '--leave-running');
      await box.goesOn();
    });
    await ownDump('runc: two --pre-dump, and a dump that builds on them', async () => {
      const [first, second, full] = [freshDir(), freshDir(), freshDir()];
      box.checkpoint(first, '--pre-dump');
      box.checkpoint(second, '--pre-dump', '--parent-path', `../${first.split('/').at(-1)}`);
      box.checkpoint(full, '--parent-path', `../${second.split('/').at(-1)}`);
      box.restore(full);
      await box.goesOn();
    });
    await test('runc: a dump that fails leaves the container as it was', async () => {
      const dir = freshDir();
      writeFileSync(join(dir, 'inventory.img'), '');
      const { ok, text } = attempt(
        'runc',
        ['--criu', '/bin/false', 'checkpoint', '--image-path', dir, '--work-path', dir, box.name],
        { cwd: box.dir },
      );
      if (ok) throw new Error(`it did not fail: ${text}`);
      await box.goesOn();
    });
    await test('runc: a restore that fails leaves nothing, and can be done again', async () => {
      const dir = box.checkpoint(freshDir());
      const core = readdirSync(dir).find((file) => /^core-\d+\.img$/.test(file));
      const image = readFileSync(join(dir, core));
      writeFileSync(join(dir, core), image.subarray(0, 30));
      const args = ['--criu', criu, 'restore', '-d', '--image-path', dir, '--work-path', dir, box.name];
      if (spawnSync('runc', args, { cwd: box.dir, env, stdio: 'ignore' }).status === 0)
        throw new Error('a broken image was restored');
      attempt('runc', ['delete', '-f', box.name]);
      writeFileSync(join(dir, core), image);
      box.restore(dir);
      await box.goesOn();
    });
    await crossed('runc', async (dumper, restorer) => {
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
  await options('runc');
  await moreOptions('runc');
  await groups('runc');
  await cases('runc');
  await rootless();
  await workloads('runc');
}
