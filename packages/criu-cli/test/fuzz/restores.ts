// Real restores of damaged image sets, and of whole ones that are killed in the middle; run inside of the sandbox.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Arena } from './arena.js';
import { ImageSetCopy } from './image-set.js';
import { type Mutant, mutate } from './mutate.js';
import { Random } from './random.js';
import { touched } from './sandbox.js';
import { dumpVictims, type VictimName } from './victims.js';

/** A restore of a small set that takes longer hangs. */
const TIME_LIMIT_S = 20;
/** From the call-off to the end. */
const GRACE_MS = 5000;
const LAST_PID = '/proc/sys/kernel/ns_last_pid';
const PIDS_OF_VICTIMS = 100_000;

export interface Place {
  /** The folder that is really written to. */
  readonly folder: string;
  readonly layer: string;
  /** Paths outside of it that may change: bundles of the command. */
  readonly ours: readonly string[];
  /** The command. */
  readonly criu: string;
  /** The folder of the tests, with the victims' sources. */
  readonly tests: URL;
}

interface Outcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly said: string;
  readonly late: boolean;
  readonly took: number;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** All processes of the sandbox but the shell, ourselves and what we are. */
function others(): { pid: number; command: string; state: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!(pid > 1) || pid === process.pid) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const state = stat.slice(stat.lastIndexOf(')') + 2)[0] ?? '?';
      // Zombies are waited for by the shell in a moment.
      return state === 'Z' ? [] : [{ pid, command: stat.slice(0, stat.lastIndexOf(')') + 1), state }];
    } catch {
      return [];
    }
  });
}

/** Ends everybody else, and waits until their pids are free. */
async function clear(): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    for (const { pid } of others()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone already.
      }
    }
    const left = readdirSync('/proc').filter((name) => Number(name) > 1 && Number(name) !== process.pid);
    if (left.length === 0) return;
    await pause(4);
  }
  throw new Error(`still there: ${JSON.stringify(others())}`);
}

export class Restores {
  private readonly sets: readonly ImageSetCopy[];
  private readonly images: string;
  private readonly arena: Arena;
  /** Milliseconds that the last whole restore of a set took. */
  private readonly usual = new Map<ImageSetCopy, number>();

  private constructor(
    private readonly place: Place,
    names: readonly string[],
  ) {
    this.images = join(place.folder, 'images');
    this.sets = names.map((name) => new ImageSetCopy(name, join(this.images, name), true));
    this.arena = new Arena(join(place.folder, 'victims'), join(place.folder, 'spare'));
  }

  /** Makes the base sets. Their pids are far above all that will be in use. */
  static async prepare(place: Place, victims: readonly VictimName[]): Promise<Restores> {
    const images = join(place.folder, 'images');
    mkdirSync(images);
    writeFileSync(LAST_PID, String(PIDS_OF_VICTIMS));
    await dumpVictims(images, place.tests, victims);
    writeFileSync(LAST_PID, '1000');
    return new Restores(
      place,
      victims.map(([, name]) => name),
    );
  }

  /** Restores from a directory; `killAfter` milliseconds if it is to be killed. */
  private async run(dir: string, killAfter?: number): Promise<Outcome> {
    const start = performance.now();
    const options = [
      '-d',
      '-j',
      '--file-locks',
      '--ext-unix-sk',
      '--manage-cgroups=ignore',
      '--no-default-config',
    ];
    const child = spawn(
      this.place.criu,
      ['restore', ...options, '-D', dir, '-v1', '--timeout', String(TIME_LIMIT_S)],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        cwd: this.place.folder,
      },
    );
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
    let late = false;
    const limit = setTimeout(
      () => {
        late = true;
        child.kill('SIGKILL');
      },
      TIME_LIMIT_S * 1000 + GRACE_MS,
    );
    const end = new Promise<[number | null, string | null]>((resolve) =>
      child.once('exit', (code, signal) => resolve([code, signal])),
    );
    if (killAfter !== undefined) {
      await Promise.race([end, pause(killAfter)]);
      child.kill('SIGKILL');
    }
    const [code, signal] = await end;
    clearTimeout(limit);
    return { code, signal, said: said.trim(), late, took: performance.now() - start };
  }

  private lay(set: ImageSetCopy, mutant?: Mutant): string {
    const dir = join(this.place.folder, 'case');
    rmSync(dir, { recursive: true, force: true });
    cpSync(set.dir, dir, { recursive: true });
    for (const [name, bytes] of mutant?.changed ?? []) {
      if (bytes) writeFileSync(join(dir, name), bytes);
      else rmSync(join(dir, name));
    }
    return dir;
  }

  /** What is outside of the folder, and must be as it was. */
  private outside(): string[] {
    return touched(this.place.layer, this.place.ours).map((path) => `outside: ${path}`);
  }

  /** Whether a restore of the whole set works; then all is put back. */
  private async whole(set: ImageSetCopy): Promise<string[]> {
    const { code, said, took } = await this.run(this.lay(set));
    this.usual.set(set, took);
    const alive = others().length;
    await clear();
    const faults = code === 0 ? [] : [`the whole set is not restored any more: ${said}`];
    if (code === 0 && alive === 0) faults.push('nobody is there after a restore of the whole set');
    this.arena.repair();
    return [...faults, ...this.arena.differences()];
  }

  /** Each set restores, and leaves the folder as it was. @returns faults */
  async check(): Promise<string[]> {
    const faults: string[] = [];
    for (const set of this.sets)
      faults.push(...(await this.whole(set)).map((fault) => `${set.name}: ${fault}`));
    return [...faults, ...this.outside()];
  }

  /** What a restore that has ended without success may not have done. */
  private async afterFailure(set: ImageSetCopy): Promise<string[]> {
    for (let tries = 0; tries < 250 && others().length > 0; tries++) await pause(4);
    const left = others().map(({ command, state }) => `left: ${command} ${state}`);
    await clear();
    const faults = [...left, ...this.arena.differences(), ...this.outside()];
    this.arena.repair();
    return [...faults, ...(await this.whole(set))];
  }

  private async afterSuccess(set: ImageSetCopy): Promise<string[]> {
    await clear();
    this.arena.repair();
    return this.whole(set);
  }

  caseAt(seed: number, position: number): { set: ImageSetCopy; mutant: Mutant } {
    const random = new Random(seed, position);
    const set = random.pick(this.sets);
    return { set, mutant: mutate(set, random) };
  }

  /** Restores one damaged set. */
  async damaged(seed: number, position: number) {
    const { set, mutant } = this.caseAt(seed, position);
    const outcome = await this.run(this.lay(set, mutant));
    const { code, signal, said, late, took } = outcome;
    const faults: string[] = [];
    if (late) faults.push(`it hung: ${said}`);
    else if (signal) faults.push(`it was ended by ${signal}: ${said}`);
    const blamed = /\[([A-Z_]+)\]\s*(\n.*)?$/.exec(said)?.[1];
    if (code !== 0 && !late && (blamed === undefined || blamed === 'INTERNAL'))
      faults.push(`exit code ${code}: ${said}`);
    if (took > TIME_LIMIT_S * 1000) faults.push(`it took ${Math.round(took)} ms: ${said}`);
    if (code === 0) {
      await clear();
      faults.push(...this.outside());
      this.arena.repair();
      faults.push(...this.arena.differences());
    } else faults.push(...(await this.afterFailure(set)));
    return {
      set: set.name,
      what: mutant.what,
      outcome: code === 0 ? 'ok' : (blamed ?? `exit ${code}`),
      said,
      faults,
    };
  }

  /** Kills the restore of a whole set at some moment. */
  async killed(seed: number, position: number) {
    const random = new Random(seed ^ 0x6b696c6c, position);
    const set = random.pick(this.sets);
    const part = random.below(1000) / 1000;
    const after = Math.round(part * (this.usual.get(set) ?? 0));
    const { signal } = await this.run(this.lay(set), after);
    // It may have been through: then the tasks run, and are none of its leavings.
    await pause(200);
    const running = others();
    const through =
      signal === null ||
      running.some(({ command, state }) => state !== 'R' && !command.includes('criu-agent'));
    const faults = through ? await this.afterSuccess(set) : await this.afterFailure(set);
    return {
      set: set.name,
      what: [`killed after ${part} of its usual time`],
      outcome: through ? 'through' : 'killed',
      said: '',
      faults,
    };
  }
}
