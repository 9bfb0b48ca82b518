// A bundle and a container of runc (or of another runtime with its command line), and the ways to checkpoint it.

import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  attempt,
  criu,
  env,
  freshDir,
  goesOn,
  makeRoot,
  number,
  peer,
  run,
  skip,
  tail,
  test,
  until,
  useCriu,
} from './kit.mjs';

/** Who checkpoints and who restores in all tests of a runtime: this criu, or the CRIU of CRIU_PEER ("peer"). */
const { DUMPS, RESTORES } = process.env;

/** A test of what this criu does, and CRIU does not when it dumps. */
export async function ownDump(title, body) {
  if (DUMPS === 'peer') skip(title, 'that is not what CRIU does, or not on each kernel');
  else await test(title, body);
}

const takesCriu = new Map();
/** Whether a runtime has `--criu` to name the binary; others (crun, runc since 1.2) look into PATH. */
function namesCriu(runtime) {
  if (!takesCriu.has(runtime)) takesCriu.set(runtime, /--criu /.test(attempt(runtime, ['--help']).text));
  return takesCriu.get(runtime);
}

export class Bundle {
  /** @param change changes the configuration that `runc spec` makes */
  constructor(runtime, name, change = () => undefined) {
    this.runtime = runtime;
    this.name = name;
    /** Whose each step is: `global` has the one of the last step. */
    this.by = { checkpoint: DUMPS === 'peer' ? peer : criu, restore: RESTORES === 'peer' ? peer : criu };
    this.criu = criu;
    this.dir = freshDir('bundle');
    this.rootfs = makeRoot(join(this.dir, 'rootfs'));
    run(runtime, ['spec'], { cwd: this.dir });
    const file = join(this.dir, 'config.json');
    const spec = JSON.parse(readFileSync(file, 'utf8'));
    spec.process.terminal = false;
    spec.process.args = ['/bin/count'];
    delete spec.process.rlimits;
    spec.root.readonly = false;
    change(spec, this);
    writeFileSync(file, JSON.stringify(spec));
    this.file = file;
    /** What the container has for standard streams. */
    this.stdio = 'ignore';
    this.at = 0;
    this.count = () => readFileSync(join(this.rootfs, 'tmp', 'n'), 'utf8');
  }

  /** Whoever writes there is the container: `count` of what is counted on another file system. */
  countBy(read) {
    this.count = read;
    return this;
  }

  /** Changes the configuration of a container that does not run. */
  reconfigure(change) {
    const spec = JSON.parse(readFileSync(this.file, 'utf8'));
    change(spec);
    writeFileSync(this.file, JSON.stringify(spec));
  }

  /** Arguments before the command, by which the runtime finds the criu that is wanted. */
  get global() {
    useCriu(this.criu);
    return namesCriu(this.runtime) ? ['--criu', this.criu] : [];
  }

  /** A command that may fail: whether it went well, and what was said. */
  attempt(args) {
    return attempt(this.runtime, [...this.global, ...args], { cwd: this.dir });
  }

  begin(args, log) {
    const { ok, text } = this.attempt(args);
    if (!ok) throw new Error(`${this.runtime} ${args.join(' ')}: ${text}\n${log ? tail(log) : ''}`);
    return text;
  }

  /** For what gives its standard streams to the container: none of them may be a file of the host. */
  quietly(args, log) {
    const said = join(this.dir, 'runtime.log');
    writeFileSync(said, '');
    const { status } = spawnSync(this.runtime, ['--log', said, ...this.global, ...args], {
      cwd: this.dir,
      env,
      stdio: this.stdio,
      timeout: 120_000,
    });
    if (status !== 0)
      throw new Error(`${this.runtime} ${args.join(' ')}: ${tail(said)}\n${log ? tail(log) : ''}`);
  }

  async start(...more) {
    this.quietly(['run', '-d', ...more, this.name]);
    this.at = await number(this.count);
    return this;
  }

  checkpoint(dir, ...more) {
    this.criu = this.by.checkpoint;
    this.begin(
      ['checkpoint', '--image-path', dir, '--work-path', dir, ...more, this.name],
      join(dir, 'dump.log'),
    );
    return dir;
  }

  restore(dir, ...more) {
    this.criu = this.by.restore;
    const args = ['restore', '-d', '--image-path', dir, '--work-path', dir, ...more, this.name];
    this.quietly(args, join(dir, 'restore.log'));
  }

  async goesOn() {
    this.at = await goesOn(this.count, this.at);
  }

  /** There and back. */
  async cycle(...more) {
    const dir = freshDir();
    this.checkpoint(dir, ...more);
    this.restore(dir, ...more);
    await this.goesOn();
    return dir;
  }

  exec(...args) {
    return this.begin(['exec', this.name, ...args]);
  }

  get state() {
    const { ok, text } = attempt(this.runtime, ['state', this.name]);
    return ok ? JSON.parse(text.slice(text.indexOf('{'))) : { status: 'gone' };
  }

  async delete() {
    attempt(this.runtime, ['delete', '-f', this.name]);
    await until(`${this.name} is gone`, () => this.state.status === 'gone');
  }
}

/** Runs a test's body with a container that is ended whatever happens. */
export async function withContainer(bundle, body, ...how) {
  try {
    await bundle.start(...how);
    await body(bundle);
  } finally {
    await bundle.delete();
  }
}

/** Gives a container the machine's programs, read-only. */
export function withPrograms(spec, bundle) {
  for (const folder of ['usr', 'lib', 'lib64', 'etc']) {
    // Those that are links there are links here: CRIU 4.2 binds no mount whose source is one.
    if (lstatSync(`/${folder}`).isSymbolicLink()) {
      symlinkSync(readlinkSync(`/${folder}`), join(bundle.rootfs, folder));
      continue;
    }
    mkdirSync(join(bundle.rootfs, folder), { recursive: true });
    const options = ['bind', 'ro', 'rprivate'];
    spec.mounts.push({ destination: `/${folder}`, type: 'bind', source: `/${folder}`, options });
  }
}
