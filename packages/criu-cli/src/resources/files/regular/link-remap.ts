// Files whose name is gone while another link of theirs is left: they get a new name beside the old one (--link-remap).
import { dirname, join } from 'node:path';
import { FdTypes, RemapType } from '@criu/images';
import { cstring, sysRaw } from '@criu/native';
import { unlinkSync } from '@criu/native/fs';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { AT_FDCWD } from '../common.js';
import { NO_OWNER } from '../open-file.js';
import { openFiles } from '../table.js';
import type { PathFile } from './dump.js';

const AT_EMPTY_PATH = 0x1000;
const ENOENT = 2;

/** Links the file under a name that restore will find, in the nearest folder that is left. @throws CriuError */
export function makeLinkRemap(ctx: DumpContext, id: number, file: PathFile, name: string): void {
  const about = { pid: file.pid, file: name, ...(file.fd === undefined ? {} : { fd: file.fd }) };
  if (!ctx.options.linkRemap)
    throw new CriuError(
      'UNSUPPORTED',
      'the name of an open file is gone, while the file has another link',
      about,
      'allow a new link beside the old name with --link-remap',
    );
  if (ctx.rehearsing) return;
  const remap = openFiles(ctx).newId();
  for (let folder = dirname(name); ; folder = dirname(folder)) {
    const path = join(folder, `link_remap.${remap}`);
    const result = sysRaw('linkat', file.local, cstring(''), AT_FDCWD, cstring(path), AT_EMPTY_PATH);
    if (result === 0) {
      ctx.onFailure(() => unlinkSync(path));
      ctx.images.add('FILES', {
        type: FdTypes.REG,
        id: remap,
        reg: { id: remap, flags: 0, pos: 0n, fown: NO_OWNER, name: path },
      });
      ctx.images.add('REMAP_FPATH', { orig_id: id, remap_id: remap, remap_type: RemapType.LINKED });
      return;
    }
    if (result !== -ENOENT || folder === '/')
      throw new CriuError('SYSCALL', `cannot link the file as ${path}: errno ${-result}`, about);
  }
}
