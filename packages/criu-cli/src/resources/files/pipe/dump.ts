// pipe(2): its ends, and its contents through the first readable one.
import { S_IFIFO } from '@criu/native/uapi';
import type { FileDump } from '../kind.js';
import { FsMagic, NO_OWNER } from '../open-file.js';
import { repeatsOf } from '../repeats.js';
import { dumpPipeData, finishPipes, pipeId, pipeKey } from './data.js';

const ENDS = 2;

export const pipeDump: FileDump = {
  matches: (file) => file.mode === S_IFIFO && file.fsType === FsMagic.PIPE,
  dump(ctx, task, file, id) {
    const { flags, fown } = file;
    const content = dumpPipeData(ctx, 'PIPES_DATA', file);
    const pipe_id = pipeId(ctx, 'PIPES_DATA', file);
    // The contents are found at whichever end is met first.
    if (fown === NO_OWNER && !content?.data.length)
      repeatsOf(ctx).note(
        id,
        task.ids.files_id,
        `pipe ${flags} ${content?.capacity ?? ''}`,
        pipeKey(pipe_id),
        ENDS,
      );
    return { pipe: { id, pipe_id, flags, fown } };
  },
  afterCollect: (ctx) => finishPipes(ctx, 'PIPES_DATA'),
};
