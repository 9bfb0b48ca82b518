// The formats of a binfmt_misc that the tasks alone have mounted: the kernel forgets them when it is unmounted.
import { close } from '@criu/native';
import { readdirSync, readFileSync } from '@criu/native/fs';
import type { DumpContext } from '../../../../engine/dump-context.js';
import { CriuError } from '../../../../errors.js';
import { readMountInfo } from '../../../../proc/index.js';
import type { FoundMount } from '../table.js';
import { CONTROLS, parseFormat } from './formats.js';

/** Whether this process has the file system mounted, too: then its formats are those of the machine, and stay. */
function isMachines({ dev }: FoundMount): boolean {
  return readMountInfo(process.pid).some(({ major, minor }) => ((major << 20) | minor) >>> 0 === dev >>> 0);
}

/** @param open opens the root of the mount @throws CriuError */
export async function dumpFormats(
  ctx: DumpContext,
  mount: FoundMount,
  open: () => Promise<number>,
): Promise<void> {
  if (isMachines(mount)) return;
  const folder = await open();
  try {
    const place = `/proc/self/fd/${folder}`;
    if (readFileSync(`${place}/status`, 'latin1').trim() === 'disabled')
      throw new CriuError(
        'UNSUPPORTED',
        'all formats of this binfmt_misc are switched off, which is not restored',
        { file: mount.mountpoint },
        `switch them on before the dump: echo 1 > ${mount.mountpoint}/status`,
      );
    for (const name of readdirSync(place)) {
      if (CONTROLS.includes(name)) continue;
      const text = readFileSync(`${place}/${name}`, 'utf8');
      ctx.images.add('BINFMT_MISC', parseFormat(name, text, mount.mountpoint), { id: mount.dev });
    }
  } finally {
    close(folder);
  }
}
