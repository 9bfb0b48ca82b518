// pipe(2): its ends and its contents.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { pipeDump } from './dump.js';
import { pipeRestore } from './restore.js';

export const pipe = fileKind({
  name: 'pipe',
  type: FdTypes.PIPE,
  field: 'pipe',
  dump: pipeDump,
  restore: pipeRestore,
});
