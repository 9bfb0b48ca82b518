// The frame around a dump or pre-dump: acquires the images directory, plugins, tracer and page route in order, and
// releases them afterwards.
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

/** What `DumpStory.work` is given. */
export interface DumpLife {
  readonly ctx: DumpContext;
  readonly route: PageRoute;
  readonly plugins: Plugins;
}

/** What a dump or a pre-dump adds to the common frame. */
export interface DumpStory<T> {
  readonly what: 'dump' | 'pre-dump';
  /** Pages are copied while the tasks run, so there is no need to be fast. */
  readonly whileRunning: boolean;
  /** Runs before anything else is started; no task is stopped yet. @throws CriuError */
  prepare?(ctx: DumpContext): Promise<void>;
  work(life: DumpLife): Promise<T>;
  /** Undoes what the context does not know about. @returns whether the image files written so far are kept */
  undo?(error: unknown): Promise<boolean>;
}

/**
 * Carries out a dump or pre-dump. If it fails, the tasks run on and its image files are removed; everything that was
 * acquired is released in any case.
 * @throws CriuError
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
    route = await PageRoute.open({ options, images, log, whileRunning: story.whileRunning });
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
    // After the tasks have been resumed: plugins may have to resume devices of running tasks.
    if (!done) await plugins?.finish(false, true);
  }
  await plugins.finish(true, options.leaveRunning ?? false);
  if (route.tidiesParents) tidyParents(options);
  return done.result;
}

/**
 * Removes pages from parent images (`--auto-dedup`). A failure is only logged: it costs disk space, and the dump is
 * complete.
 */
function tidyParents({ imagesDir, log = silentLogger }: DumpOptions): void {
  try {
    const bytes = dedupParents(imagesDir);
    log.info(`Freed ${bytes} bytes of earlier dumps`);
  } catch (error) {
    log.warn(`cannot free the pages of earlier dumps: ${asCriuError(error, 'dedup').explain()}`);
  }
}
