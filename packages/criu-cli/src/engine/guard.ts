// The guard of a dump: before the tasks are killed, a restore is planned from the images just made.
import { encodeImage } from '@criu/images';
import { asCriuError, CriuError } from '../errors.js';
import { Checkpoint } from '../images/checkpoint.js';
import type { ImageSource } from '../images/source.js';
import type { Repeated } from '../images/writer.js';
import { silentLogger } from '../log.js';
import type { DumpOptions, RestoreOptions } from '../options.js';
import type { DumpContext } from './dump-context.js';
import type { Resources } from './resource.js';
import { RestorePlan } from './restore-plan.js';

/** Restore options under which everything is permitted: that images need a permission is not a fault of the images. */
function permissive({ imagesDir, tcpClose, lazyPages, coveredFiles }: DumpOptions): RestoreOptions {
  return {
    imagesDir,
    log: silentLogger,
    shellJob: true,
    extUnixSk: true,
    fileLocks: true,
    tcpEstablished: true,
    ...(tcpClose ? { tcpClose } : {}),
    ...(lazyPages ? { lazyPages } : {}),
    ...(coveredFiles ? { coveredFiles } : {}),
  };
}

/**
 * Plans a restore from the images of this dump.
 * @param inventory the encoded inventory image, which is not written yet
 * @throws CriuError if no restore can be planned, with the reason as its cause
 */
export function guard(
  ctx: DumpContext,
  resources: Resources,
  inventory: Buffer,
  pages: ImageSource['pages'],
): void {
  const { images, options } = ctx;
  const more = new Map([['inventory.img', inventory]]);
  if (options.faults?.includes('unplannable')) more.set('files.img', encodeImage('FILES', []));
  const repeated: Repeated = Object.assign({}, ...resources.dumps.map((dump) => dump.repeated(ctx)));
  const source = images.source(pages, more, repeated);
  try {
    new RestorePlan(new Checkpoint(source), permissive(options), resources, { onPaper: true });
  } catch (thrown) {
    const error = asCriuError(thrown, 'the plan cannot be made');
    throw new CriuError(
      error.code === 'UNSUPPORTED' ? 'UNSUPPORTED' : 'NOT_DUMPABLE',
      'the dump was called off, as nothing could be restored from its images',
      error.object,
      error.remedy ??
        'the tasks run on unharmed; what is named here has to be closed or ended before the dump',
      error,
    );
  }
}
