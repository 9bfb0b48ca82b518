// The folder of the victims: as it was when they were dumped, compared with how it is, and put back.
import { createHash } from 'node:crypto';
import {
  cpSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';

/** What a name in the folder stands for, in one line. */
function fingerprint(path: string): string {
  const stat = lstatSync(path);
  const kind = `${stat.mode.toString(8)} ${stat.uid}:${stat.gid}`;
  if (stat.isSymbolicLink()) return `${kind} → ${readlinkSync(path)}`;
  if (!stat.isFile()) return kind;
  const sum = createHash('sha1').update(readFileSync(path)).digest('hex');
  return `${kind} ${stat.size} ${sum}`;
}

function all(dir: string, prefix = ''): string[] {
  return readdirSync(join(dir, prefix)).flatMap((name) => {
    const path = join(prefix, name);
    return lstatSync(join(dir, path)).isDirectory() ? [path, ...all(dir, path)] : [path];
  });
}

export class Arena {
  private readonly before: ReadonlyMap<string, string>;

  /**
   * @param dir what the victims have
   * @param spare a directory of the same file system, for other names of their files
   */
  constructor(
    readonly dir: string,
    private readonly spare: string,
  ) {
    this.before = this.now();
    mkdirSync(spare);
    for (const [path] of this.before) {
      const stat = lstatSync(join(dir, path));
      if (stat.isDirectory()) mkdirSync(join(spare, path));
      else if (stat.isFile()) linkSync(join(dir, path), join(spare, path));
      else if (!stat.isSocket()) cpSync(join(dir, path), join(spare, path), { verbatimSymlinks: true });
    }
  }

  private now(): Map<string, string> {
    return new Map(all(this.dir).map((path) => [path, fingerprint(join(this.dir, path))]));
  }

  /** How the folder differs from what it was; empty if it does not. */
  differences(): string[] {
    const now = this.now();
    const gone = [...this.before.keys()].filter((path) => !now.has(path)).map((path) => `${path} is gone`);
    const fresh = [...now.keys()].filter((path) => !this.before.has(path)).map((path) => `${path} is new`);
    const other = [...now]
      .filter(([path, print]) => this.before.has(path) && this.before.get(path) !== print)
      .map(([path, print]) => `${path} is ${print}, was ${this.before.get(path)}`);
    return [...gone, ...fresh, ...other];
  }

  /** Puts back what is gone and removes what is new, with the same inodes. */
  repair(): void {
    const now = this.now();
    for (const path of [...now.keys()].reverse())
      if (!this.before.has(path)) rmSync(join(this.dir, path), { recursive: true, force: true });
    for (const path of this.before.keys()) {
      if (now.has(path)) continue;
      const from = join(this.spare, path);
      const stat = lstatSync(from, { throwIfNoEntry: false });
      if (stat?.isDirectory()) mkdirSync(join(this.dir, path), { mode: stat.mode });
      else if (stat?.isFile()) linkSync(from, join(this.dir, path));
      else if (stat) cpSync(from, join(this.dir, path), { verbatimSymlinks: true });
    }
  }
}
