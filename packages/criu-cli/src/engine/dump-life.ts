// What a dump and a pre-dump have around the work itself: all that they claim, in which order, and how it is given back.
import { Tracer } from '@criu/compel';
import { asCriuError } from '../errors.js';
import { ImageWriter } from '../images/writer.js';
import { silentLogger } from '../log.js';
import type { DumpOptions } from '../options.js';
import { dedupParents } from '../pages/dedup.js';
import { PageRoute } from '../pages/route.js';
import { Plugins } from '../plugins/index.js';
import type { CallOff } from './call-off.js';
import { DumpContext } from './dump-context.js';
import { fromCompel } from './freeze.js';

/** What the work has at hand. */
export interface DumpLife {
  readonly ctx: DumpContext;
  readonly route: PageRoute;
  readonly plugins: Plugins;
}

/** The work, and what is particular to it. */
export interface DumpStory<T> {
  readonly what: 'dump' | 'pre-dump';
  /** Pages are copied while the tasks run. */
  readonly unhurried: boolean;
  /** What can be done before anything else is started: nothing stands still yet. @throws CriuError */
  prepare?(ctx: DumpContext): Promise<void>;
  work(life: DumpLife): Promise<T>;
  /** Takes back what the context does not know of. @returns whether images that are there already stay */
  undo?(error: unknown): Promise<boolean>;
}

/**
 * Has a dump or pre-dump done. Whatever fails, the tasks run on and what was written is gone; what was claimed is given back in
 * any case. @throws CriuError
 */
export async function carryOut<T>(options: DumpOptions, calls: CallOff, story: DumpStory<T>): Promise<T> {
  const { log = silentLogger } = options;
  const images = ImageWriter.claim(options.imagesDir);
  const ctx = new DumpContext(options, images);
  let plugins: Plugins | undefined;
  let tracer: Tracer | undefined;
  let route: PageRoute | undefined;
  let done: { readonly result: T } | undefined;
  try {
    await story.prepare?.(ctx);
    plugins = await Plugins.start(story.what, options);
    ctx.hooks = plugins;
    tracer = await Tracer.start();
    ctx.tracer = tracer;
    route = await PageRoute.open({ options, images, log, unhurried: story.unhurried });
    const { callOff } = route;
    calls.listen(() => callOff());
    route.begin(options.pid);
    done = { result: await story.work({ ctx, route, plugins }) };
  } catch (error) {
    ctx.undo();
    await ctx.thaw();
    if (!(await story.undo?.(error))) images.discard();
    throw calls.error ?? fromCompel(error, options.pid);
  } finally {
    // Releases every task that is still stopped.
    await tracer?.close();
    await ctx.close();
    await route?.close();
    images.release();
    // With tasks that run again, as devices of theirs may need to be let go.
    if (!done) await plugins?.finish(false, true);
  }
  await plugins.finish(true, options.leaveRunning ?? false);
  if (route.tidiesParents) tidyParents(options);
  return done.result;
}

/** A failure costs room, nothing else: the dump is there. */
function tidyParents({ imagesDir, log = silentLogger }: DumpOptions): void {
  try {
    const bytes = dedupParents(imagesDir);
    log.info(`Freed ${bytes} bytes of earlier dumps`);
  } catch (error) {
    log.warn(`cannot free the pages of earlier dumps: ${asCriuError(error, 'dedup').explain()}`);
  }
}
