// crun: Debian's package is built without CRIU, and says so. One that has checkpoints is tested as runc is.
import { Bundle, withContainer } from './bundle.mjs';
import { attempt, freshDir, skip, test } from './kit.mjs';

export default async function crun() {
  if (/unknown command/.test(attempt('crun', ['checkpoint', '--help']).text)) {
    skip('crun: checkpoint and restore', "this crun is built without CRIU (Debian's is)");
    return;
  }
  const box = new Bundle('crun', `box-crun-${process.pid}`);
  await withContainer(box, async () => {
    await test('crun: three cycles of checkpoint and restore', async () => {
      for (let i = 0; i < 3; i++) await box.cycle();
    });
    await test('crun: --leave-running', async () => {
      box.checkpoint(freshDir(), '--leave-running');
      await box.goesOn();
    });
  });
}
