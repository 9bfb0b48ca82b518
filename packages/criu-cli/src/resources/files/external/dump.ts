// A file that a plugin dumps; the images only have its id.
import { CriuError } from '../../../errors.js';
import type { FileDump } from '../kind.js';
import { describeFile } from '../open-file.js';

export const externalFileDump: FileDump = {
  matches: (_file, ctx) => ctx.hooks.has('DUMP_EXT_FILE'),
  dump(ctx, _task, file, id) {
    const about = `descriptor ${file.fd}, an open ${describeFile(file)}`;
    const answer = ctx.hooks.askNow('DUMP_EXT_FILE', { args: [id], fd: file.local, about, pid: file.pid });
    if (answer === undefined)
      throw new CriuError(
        'UNSUPPORTED',
        `cannot dump an open ${describeFile(file)}, and no plugin can`,
        { pid: file.pid, fd: file.fd },
        'close it before the dump, or name a plugin that can with --libdir or --plugin',
      );
    return { ext: { id, fown: file.fown } };
  },
};
