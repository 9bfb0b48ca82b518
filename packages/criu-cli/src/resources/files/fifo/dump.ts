// fifo(7): an end of a named pipe is described by its path and by the id of the pipe.

import { S_IFIFO } from '@criu/native/uapi';
import type { FileDump } from '../kind.js';
import { FsMagic } from '../open-file.js';
import { dumpPipeData, finishPipes, pipeId } from '../pipe/data.js';
import { dumpRegular, pathFileOf } from '../regular/dump.js';
import { openFiles } from '../table.js';

export const fifoDump: FileDump = {
  matches: (file) => file.mode === S_IFIFO && file.fsType !== FsMagic.PIPE,
  dump(ctx, _task, file, id) {
    const regfId = openFiles(ctx).newId();
    dumpRegular(ctx, regfId, pathFileOf(file));
    dumpPipeData(ctx, 'FIFO_DATA', file);
    return { fifo: { id, pipe_id: pipeId(ctx, 'FIFO_DATA', file), regf_id: regfId } };
  },
  afterCollect: (ctx) => finishPipes(ctx, 'FIFO_DATA'),
};
