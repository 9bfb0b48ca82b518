// pipe(2): its ends, and its data by the first readable one.
import { S_IFIFO } from '@criu/native/uapi';
import type { FileDump } from '../kind.js';
import { FsMagic } from '../open-file.js';
import { dumpPipeData, finishPipes, pipeId } from './data.js';

export const pipeDump: FileDump = {
  matches: (file) => file.mode === S_IFIFO && file.fsType === FsMagic.PIPE,
  dump(ctx, _task, file, id) {
    dumpPipeData(ctx, 'PIPES_DATA', file);
    return { pipe: { id, pipe_id: pipeId(ctx, 'PIPES_DATA', file), flags: file.flags, fown: file.fown } };
  },
  afterCollect: (ctx) => finishPipes(ctx, 'PIPES_DATA'),
};
