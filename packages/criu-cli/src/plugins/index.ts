// The plugins of one operation: finds and starts them, asks them one after the other, and ends them.
import { CriuError } from '../errors.js';
import { type Logger, silentLogger } from '../log.js';
import type { CommonOptions } from '../options.js';
import { findPlugins } from './find.js';
import type { HookAnswer, HookCall, HookName } from './hooks.js';
import { MissingSymbol, PluginHost } from './host.js';
import type { PluginStage } from './plugin.js';

export type { HookAnswer, HookCall, HookName } from './hooks.js';

/** Default time limit of a hook in seconds. */
const PATIENCE_S = 60;

/** A plugin as recorded in the inventory of a dump. */
export interface ListedPlugin {
  readonly name: string;
  /** Undefined for plugins of CRIU. */
  readonly version?: string | undefined;
}

/** The interface through which the engine and kinds of state call plugins. */
export interface Hooks {
  /** Whether any plugin has the hook. */
  has(hook: HookName): boolean;
  /**
   * Asks the plugins one after the other until one handles the object.
   * @returns undefined if none does
   * @throws CriuError PLUGIN_FAILED
   */
  ask(hook: HookName, call: HookCall): Promise<HookAnswer | undefined>;
  /** The same, blocking until the plugins have answered. */
  askNow(hook: HookName, call: HookCall): HookAnswer | undefined;
}

/** No plugins. */
export const noHooks: Hooks = {
  has: () => false,
  ask: async () => undefined,
  askNow: () => undefined,
};

export class Plugins implements Hooks {
  private constructor(
    private readonly hosts: readonly PluginHost[],
    private readonly log: Logger,
  ) {}

  /**
   * Finds and starts the plugins.
   * @param listed for a restore: the plugins that the dump has recorded
   * @throws CriuError PLUGIN_FAILED, BAD_OPTION; then none is left running
   */
  static async start(
    stage: PluginStage,
    options: CommonOptions,
    listed: readonly ListedPlugin[] = [],
  ): Promise<Plugins> {
    const { imagesDir, log = silentLogger } = options;
    const { libdir, plugins, pluginTimeout = PATIENCE_S } = options;
    const patience = pluginTimeout * 1000;
    const found = findPlugins(libdir, plugins);
    const hosts: PluginHost[] = [];
    try {
      for (const one of found) {
        try {
          const workDir = options.workDir ?? imagesDir;
          hosts.push(await PluginHost.start(one, { stage, imagesDir, workDir, log, patience }));
        } catch (error) {
          if (!(error instanceof MissingSymbol)) throw error;
          if (one.wanted) throw inside(one.path, error);
          log.warn(`plugin ${one.path} is left out, as it needs the inside of CRIU: ${error.message}`);
        }
      }
      for (const host of hosts) await host.init(listed.map(({ name }) => name));
      checkListed(hosts, listed);
    } catch (error) {
      for (const host of hosts) host.kill();
      await Promise.all(hosts.map(({ ended }) => ended));
      throw error;
    }
    return new Plugins(hosts, log);
  }

  has(hook: HookName): boolean {
    return this.hosts.some(({ hooks }) => hooks.has(hook));
  }

  async ask(hook: HookName, call: HookCall): Promise<HookAnswer | undefined> {
    for (const host of this.hosts) {
      const answer = host.hooks.has(hook) ? await host.ask(hook, call) : undefined;
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  askNow(hook: HookName, call: HookCall): HookAnswer | undefined {
    for (const host of this.hosts) {
      const answer = host.hooks.has(hook) ? host.askNow(hook, call) : undefined;
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  /** The plugins that a restore will need, for the inventory. */
  get listed(): ListedPlugin[] {
    return this.hosts.flatMap((host) => {
      if (host.isModule) return host.acted ? [{ name: host.name, version: host.version }] : [];
      return host.listed.map((name) => ({ name }));
    });
  }

  /**
   * Ends all plugins and tells them the outcome. An error is thrown only if nothing else has failed, else logged.
   * @throws CriuError PLUGIN_FAILED
   */
  async finish(ok: boolean, running: boolean): Promise<void> {
    const failures: CriuError[] = [];
    for (const host of this.hosts) {
      try {
        await host.exit(ok, running);
      } catch (error) {
        this.log.error((error as CriuError).explain());
        if (error instanceof CriuError) failures.push(error);
      }
    }
    const [first, ...more] = failures;
    if (ok && first !== undefined) throw CriuError.of([first, ...more]);
  }
}

function inside(path: string, cause: Error): CriuError {
  return new CriuError(
    'PLUGIN_FAILED',
    'the plugin needs the inside of CRIU',
    { file: path },
    'plugins for criu-plugin.h that call its public functions work; for CUDA there is @criu/plugin-cuda',
    cause,
  );
}

/** @throws CriuError PLUGIN_FAILED for recorded plugins that are missing, or have an incompatible version */
function checkListed(hosts: readonly PluginHost[], listed: readonly ListedPlugin[]): void {
  const claimed = new Set(hosts.flatMap((host) => host.claimed));
  for (const { name, version } of listed) {
    if (claimed.has(name)) continue;
    const host = hosts.find((one) => one.isModule && one.name === name);
    if (host === undefined)
      throw new CriuError(
        'PLUGIN_FAILED',
        `the checkpoint needs the plugin ${name}`,
        { file: 'inventory.img' },
        'name its directory with --libdir, or the plugin with --plugin',
      );
    if (version !== undefined && !fits(host.version, version))
      throw new CriuError(
        'PLUGIN_FAILED',
        `the plugin ${name} is of version ${host.version}, and the checkpoint needs ${version}`,
        { file: host.found.path },
        `install version ${version}, or a later one that begins with ${version.split('.')[0]}`,
      );
  }
}

/** Whether a version has the same major version as another one, and is not older. */
function fits(version: string, wanted: string): boolean {
  const numbers = (text: string) => text.split(/[.+-]/).slice(0, 3).map(Number);
  const [a, b] = [numbers(version), numbers(wanted)];
  if (a[0] !== b[0]) return false;
  for (let i = 1; i < 3; i++) if ((a[i] ?? 0) !== (b[i] ?? 0)) return (a[i] ?? 0) > (b[i] ?? 0);
  return true;
}
