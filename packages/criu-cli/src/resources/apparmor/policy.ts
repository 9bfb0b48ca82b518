// Policies that are loaded in namespaces of AppArmor, by the files of its file system (security/apparmor/apparmorfs.c of the kernel):
// `namespaces/NAME` is a namespace, which mkdir(2) and rmdir(2) make and remove, and `profiles/ID` in it a profile, with the binary
// policy it came from in `raw_data`. One write to `.replace` loads a policy, one of a name to `.remove` takes a profile away.
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeSync,
} from '@criu/native/fs';
import { O_CLOEXEC, O_WRONLY } from '@criu/native/uapi';
import { asCriuError, CriuError } from '../../errors.js';

/** The namespace of the reader. */
export const POLICY = '/sys/kernel/security/apparmor/policy';

export interface Policy {
  /** Name of the profile. */
  readonly name: string;
  /** The binary policy that it was loaded from, which may have more profiles. */
  readonly blob: Buffer;
}

export interface PolicyNamespace {
  readonly name: string;
  /** In the order in which they were loaded: a later one may replace profiles of an earlier one. */
  readonly policies: readonly Policy[];
  readonly namespaces: readonly PolicyNamespace[];
}

const folderOf = (parent: string, name: string): string => `${parent}/namespaces/${name}`;

interface Profile extends Policy {
  readonly loaded: bigint;
  readonly id: number;
}

function readProfile(path: string): Profile {
  const name = readFileSync(`${path}/name`, 'utf8').replace(/\n$/, '');
  if (!existsSync(`${path}/raw_data`))
    throw new CriuError(
      'UNSUPPORTED',
      `the policy of the AppArmor profile ${name} cannot be read: this kernel does not keep it`,
      { file: path },
      'boot with apparmor.export_binary=1 and load the policy again (CONFIG_SECURITY_APPARMOR_EXPORT_BINARY)',
    );
  return {
    name,
    blob: readFileSync(`${path}/raw_data`),
    loaded: statSync(path, { bigint: true }).mtimeNs,
    id: Number(path.slice(path.lastIndexOf('.') + 1)),
  };
}

/** The profiles in a folder and, at the end, those below them that have a policy of their own. */
function readProfiles(folder: string): Profile[] {
  const found = readdirSync(folder)
    .map((name) => readProfile(`${folder}/${name}`))
    .sort((a, b) => (a.loaded === b.loaded ? a.id - b.id : a.loaded < b.loaded ? -1 : 1));
  const below = readdirSync(folder)
    .filter((name) => existsSync(`${folder}/${name}/profiles`))
    .flatMap((name) => readProfiles(`${folder}/${name}/profiles`));
  return [...found, ...below.filter(({ blob }) => !found.some((one) => one.blob.equals(blob)))];
}

/** Names of the profiles of a namespace, without those below others. */
function namesIn(namespace: string): string[] {
  const folder = `${namespace}/profiles`;
  return readdirSync(folder).map((name) => readFileSync(`${folder}/${name}/name`, 'utf8').replace(/\n$/, ''));
}

function read(parent: string, name: string): PolicyNamespace {
  const folder = folderOf(parent, name);
  return {
    name,
    policies: readProfiles(`${folder}/profiles`).map(({ name, blob }) => ({ name, blob })),
    namespaces: readdirSync(`${folder}/namespaces`).map((below) => read(folder, below)),
  };
}

/** A namespace with all its policies. @throws CriuError */
export function readNamespace(name: string, parent: string = POLICY): PolicyNamespace {
  try {
    return read(parent, name);
  } catch (error) {
    throw asCriuError(error, `cannot read the policies of the AppArmor namespace ${name}`, {
      file: folderOf(parent, name),
    });
  }
}

function command(folder: string, file: '.replace' | '.remove', bytes: Buffer): void {
  const fd = openSync(`${folder}/${file}`, O_WRONLY | O_CLOEXEC);
  try {
    writeSync(fd, bytes);
  } finally {
    closeSync(fd);
  }
}

/** Loads policies, and can take back what it has loaded. */
export class PolicyLoader {
  /** In the order of what they undo. */
  private readonly undoing: (() => void)[] = [];

  constructor(private readonly root: string = POLICY) {}

  /** Makes a namespace unless it is there, and loads its policies. @throws CriuError */
  load(namespace: PolicyNamespace, parent: string = this.root): void {
    const folder = folderOf(parent, namespace.name);
    try {
      this.make(namespace, parent);
      for (const { name, blob } of namespace.policies) {
        try {
          command(folder, '.replace', blob);
        } catch (error) {
          throw asCriuError(error, `cannot load the policy of the AppArmor profile ${name}`, {
            file: folder,
          });
        }
      }
    } catch (error) {
      throw asCriuError(error, `cannot make the AppArmor namespace ${namespace.name}`, { file: folder });
    }
    for (const below of namespace.namespaces) this.load(below, folder);
  }

  private make({ name, policies }: PolicyNamespace, parent: string): void {
    const folder = folderOf(parent, name);
    if (!existsSync(folder)) {
      mkdirSync(folder);
      this.undoing.push(() => rmdirSync(folder));
      return;
    }
    // What is replaced or added here is as it was after a failure.
    const before = readNamespace(name, parent).policies;
    const mine = new Set(policies.map((policy) => policy.name));
    this.undoing.push(() => {
      const known = new Set(before.map((policy) => policy.name));
      for (const added of namesIn(folder))
        if (!known.has(added)) command(folder, '.remove', Buffer.from(added));
      for (const policy of before) if (mine.has(policy.name)) command(folder, '.replace', policy.blob);
    });
  }

  /** Takes back what was loaded, as far as it got. @throws the first error, after trying everything */
  undo(): void {
    const errors: unknown[] = [];
    for (const undo of this.undoing.splice(0).reverse()) {
      try {
        undo();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
