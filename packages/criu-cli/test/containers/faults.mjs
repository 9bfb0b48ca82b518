// Cycles of runc's checkpoint and restore in which criu is killed, ended, or has no room left at some moment: the container
// runs on, or is restored afterwards, and nothing is left on the host. `CYCLES=N` for more than 30, `SEED=N` for other moments.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bundle, withContainer } from './bundle.mjs';
import { attempt, env, freshDir, RUN, run, sleep, tail, test, until } from './kit.mjs';

const CYCLES = Number(process.env.CYCLES ?? 30);
const SEED = Number(process.env.SEED ?? 1);

/** Numbers from 0 up to 1 that are the same for the same seed. */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Processes below one whose command has a word. */
function below(pid, word) {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]) === pid;
      } catch {
        return false;
      }
    })
    .map(Number);
  return children.flatMap((child) => {
    let command = '';
    try {
      command = readFileSync(`/proc/${child}/cmdline`, 'utf8');
    } catch {
      // It has ended.
    }
    return [...(command.includes(word) ? [child] : []), ...below(child, word)];
  });
}

/** Tasks that are in a group of a container. */
function tasksOf(name) {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(`/${name}\n`);
    } catch {
      return false;
    }
  });
}

/** Starts a command of runc; it has ended when the promise resolves to its exit code. */
function start(box, args) {
  const child = spawn(box.runtime, [...box.global, ...args], { cwd: box.dir, env, stdio: 'ignore' });
  return { child, ended: new Promise((resolve) => child.once('exit', (status) => resolve(status ?? 1))) };
}

/** Sends criu a signal after so many milliseconds, if it is there. */
async function strike({ child, ended }, signal, ms) {
  await Promise.race([sleep(ms), ended]);
  for (const pid of below(child.pid, 'swrk'))
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended.
    }
  await ended;
}

class Faults {
  random = randomFrom(SEED);
  told = { unharmed: 0, done: 0, again: 0 };
  /** Milliseconds that a checkpoint and a restore take here, as seen so far. */
  takes = { checkpoint: 500, restore: 700 };

  constructor(box) {
    this.box = box;
  }

  paths(dir) {
    return ['--image-path', dir, '--work-path', dir];
  }

  /** A checkpoint in which something goes wrong: afterwards it runs, or it was dumped as a whole and is gone. */
  async checkpoint(dir, fault) {
    const { box } = this;
    const args = ['checkpoint', ...this.paths(dir), box.name];
    if (fault === 'full') {
      // No more room than for some of the images.
      run('mount', ['-t', 'tmpfs', '-o', `size=${4 + Math.floor(this.random() * 80)}k`, 'none', dir]);
      try {
        if ((await start(box, args).ended) === 0) throw new Error('a full disk was not noticed');
      } finally {
        run('umount', [dir]);
      }
    } else {
      const work = start(box, args);
      await strike(work, fault, this.random() * this.takes.checkpoint);
    }
    // Its tasks may be about to end.
    if (existsSync(join(dir, 'inventory.img'))) await sleep(500);
    if (existsSync(join(dir, 'inventory.img')) && box.state.status !== 'running') return true;
    await box.goesOn();
    this.told.unharmed++;
    return false;
  }

  /** A restore in which something goes wrong: nothing of it may stay. */
  async restore(dir, fault) {
    const { box } = this;
    const work = start(box, ['restore', '-d', ...this.paths(dir), box.name]);
    await strike(work, fault, this.random() * this.takes.restore);
    if ((await work.ended) === 0 && box.state.status === 'running') {
      this.told.done++;
      return box.goesOn();
    }
    attempt(box.runtime, ['delete', '-f', box.name]);
    await until('it is gone', () => box.state.status === 'gone');
    // A restore of which runc knows nothing would run beside the next one.
    await until('its tasks have ended', () => tasksOf(box.name).length === 0);
    box.restore(dir);
    this.told.again++;
    await box.goesOn();
  }

  /** Without a fault, for the times. */
  async measure() {
    const { box } = this;
    const dir = freshDir();
    const clock = async (what, args) => {
      const from = Date.now();
      if ((await start(box, args).ended) !== 0) throw new Error(`${what}: ${tail(join(dir, `${what}.log`))}`);
      this.takes[what] = Date.now() - from;
    };
    await clock('checkpoint', ['checkpoint', ...this.paths(dir), box.name]);
    await clock('restore', ['restore', '-d', ...this.paths(dir), box.name]);
    await box.goesOn();
  }

  async cycle(i) {
    const { box } = this;
    const dir = freshDir();
    const kinds = ['SIGKILL', 'SIGTERM', 'full', 'SIGKILL', 'SIGINT'];
    const gone = i % 2 === 0 && (await this.checkpoint(dir, kinds[(i / 2) % kinds.length]));
    if (!gone) box.checkpoint(dir);
    await this.restore(dir, ['SIGKILL', 'SIGTERM'][i % 2]);
    run('rm', ['-rf', dir]);
  }
}

export default async function faults() {
  const box = new Bundle('runc', `box-faults-${RUN}`);
  await test(`faults: ${CYCLES} cycles with criu killed, ended, or out of room`, () =>
    withContainer(box, async () => {
      const cycles = new Faults(box);
      await cycles.measure();
      for (let i = 0; i < CYCLES; i++) {
        try {
          await cycles.cycle(i);
        } catch (error) {
          throw new Error(`cycle ${i} of SEED=${SEED}: ${error.message}`);
        }
      }
      const { unharmed, done, again } = cycles.told;
      if (unharmed === 0 || again === 0) throw new Error('no fault came in the middle of anything');
      console.log(
        `      ${unharmed} containers ran on, ${again} restores were done again, ${done} had been quicker`,
      );
    }));
}
