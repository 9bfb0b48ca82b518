// Terminals: type, settings, and the session that they control.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { isTerminal } from './driver.js';
import { ttyDump } from './dump.js';
import { ttyRestore } from './restore.js';

export const tty = fileKind({
  name: 'tty',
  type: FdTypes.TTY,
  field: 'tty',
  dump: {
    matches: isTerminal,
    dump: (ctx, task, file, id) => ttyDump.dump(ctx, task, file, id),
    afterCollect: (ctx) => ttyDump.afterCollect(ctx),
  },
  restore: ttyRestore,
});
