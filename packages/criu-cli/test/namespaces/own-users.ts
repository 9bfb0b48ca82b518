// Victims that make a user namespace: what is dumped is the first task in it, their child.
import { chmodSync } from 'node:fs';
import { dump, restore } from '../../src/operations.js';
import { scratch, Victim } from '../dump/victim.js';
import { family, freshDir } from '../support.js';
import { free } from './cycle.js';

/** A victim and the init of its namespaces, which is what is dumped. */
export class Contained {
  private constructor(
    readonly victim: Victim,
    public init: number,
  ) {}

  static async start(
    name: string,
    env: Readonly<Record<string, string>>,
    wrapper: readonly string[],
  ): Promise<Contained> {
    // It is nobody that this folder would know.
    chmodSync(scratch(), 0o777);
    const victim = await Victim.start(name, env, new URL(`victims/${name}.c`, import.meta.url), wrapper);
    return new Contained(victim, family(victim.pid)[1] ?? 0);
  }

  async verify(): Promise<string> {
    process.kill(this.init, 'SIGUSR1');
    return await this.victim.said();
  }

  async cycle(options: { readonly tcpEstablished?: boolean } = {}): Promise<void> {
    const imagesDir = freshDir();
    const pids = family(this.init);
    await dump({ pid: this.init, imagesDir, ...options });
    await free(pids);
    this.init = (await restore({ imagesDir, detached: true, ...options })).pid;
  }

  async end(): Promise<void> {
    try {
      // Without a pid namespace the end of init ends nobody else.
      for (const pid of family(this.init)) process.kill(pid, 'SIGKILL');
    } catch {
      // A restore that went wrong has left nothing.
    }
    await this.victim.end();
  }
}

/** Starts a victim, and ends it after use. */
export async function withContained(
  name: string,
  use: (contained: Contained) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
  wrapper: readonly string[] = [],
): Promise<void> {
  const contained = await Contained.start(name, env, wrapper);
  try {
    await use(contained);
  } finally {
    await contained.end();
  }
}
