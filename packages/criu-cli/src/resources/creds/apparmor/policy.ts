// Policies that are loaded in namespaces of AppArmor, by the files of its file system (security/apparmor/apparmorfs.c of the kernel):
// `namespaces/NAME` is a namespace, which mkdir(2) and rmdir(2) make and remove, and `profiles/ID` in it a profile, with the binary
// policy it came from in `raw_data`. One write to `.replace` loads a policy, one of a name to `.remove` takes a profile away.
import { decodeName } from '@criu/native';
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
import { asCriuError, CriuError } from '../../../errors.js';

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

function nameOf(folder: string): string {
  return readFileSync(`${folder}/name`, 'utf8').replace(/\n$/, '');
}

/** Profiles in a folder, and those below each (`PROFILE//CHILD`). */
function walk<T>(folder: string, visit: (path: string, name: string) => T, above = ''): T[] {
  return readdirSync(folder).flatMap((id) => {
    const path = `${folder}/${id}`;
    const name = `${above}${nameOf(path)}`;
    const below = `${path}/profiles`;
    return [visit(path, name), ...(existsSync(below) ? walk(below, visit, `${name}//`) : [])];
  });
}

function readProfile(path: string, name: string): Profile {
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

/** Later ones come last, and those below others at the very end, as they need these. */
function byLoading(a: Profile, b: Profile): number {
  const level = ({ name }: Profile) => name.split('//').length;
  if (level(a) !== level(b)) return level(a) - level(b);
  if (a.loaded !== b.loaded) return a.loaded < b.loaded ? -1 : 1;
  return a.id - b.id;
}

/** Profiles below others are mostly in the policy of these, and then left out, as CRIU does. */
function readPolicies(namespace: string): Policy[] {
  const all = walk(`${namespace}/profiles`, readProfile).sort(byLoading);
  const [top, below] = [
    all.filter(({ name }) => !name.includes('//')),
    all.filter(({ name }) => name.includes('//')),
  ];
  const more = below.filter(({ blob }) => !top.some((one) => one.blob.equals(blob)));
  return [...top, ...more].map(({ name, blob }) => ({ name, blob }));
}

function read(parent: string, name: string): PolicyNamespace {
  const folder = folderOf(parent, name);
  return {
    name,
    policies: readPolicies(folder),
    namespaces: readdirSync(`${folder}/namespaces`).map((below) => read(folder, below)),
  };
}

/** Names of the profiles of a namespace, each before those below it. */
function namesIn(namespace: string): string[] {
  return walk(`${namespace}/profiles`, (_, name) => name);
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

/** Types of elements of a policy (enum aa_code in security/apparmor/include/policy_unpack.h). */
const AA_U32 = 2;
const AA_NAME = 4;
const AA_STRING = 5;

/** The name of an element and its type, as they precede its value. */
function element(name: string, type: number): Buffer {
  return Buffer.concat([
    Buffer.from([AA_NAME, name.length + 1, 0]),
    Buffer.from(`${name}\0`),
    Buffer.from([type]),
  ]);
}
const VERSION = element('version', AA_U32);
const NAMESPACE = element('namespace', AA_STRING);

/** The namespace that a policy is for, as seen from where it was loaded (`apparmor_parser --namespace`); mostly it names none. */
export function namedIn(blob: Uint8Array): string | undefined {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.length);
  const at = VERSION.length + 4;
  const value = at + NAMESPACE.length + 2;
  if (bytes.length < value || !bytes.subarray(0, VERSION.length).equals(VERSION)) return undefined;
  if (!bytes.subarray(at, value - 2).equals(NAMESPACE)) return undefined;
  // The length has the zero byte at the end.
  return decodeName(bytes.subarray(value, value + bytes.readUInt16LE(value - 2) - 1));
}

/** Loads a policy into a namespace: a policy that names its namespace itself, into that of its parent. */
function replace(parent: string, name: string, blob: Buffer): void {
  const named = namedIn(blob);
  if (named === undefined) command(folderOf(parent, name), '.replace', blob);
  else if (named === name) command(parent, '.replace', blob);
  else
    throw new CriuError(
      'UNSUPPORTED',
      `it is for the namespace ${named}, and names it itself`,
      {},
      'have policies loaded inside of the namespace, where they do not name it',
    );
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
    } catch (error) {
      throw asCriuError(error, `cannot make the AppArmor namespace ${namespace.name}`, { file: folder });
    }
    for (const { name, blob } of namespace.policies) {
      try {
        replace(parent, namespace.name, blob);
      } catch (error) {
        throw asCriuError(error, `cannot load the policy of the AppArmor profile ${name}`, { file: folder });
      }
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
    const before = readPolicies(folder);
    const known = new Set(namesIn(folder));
    const mine = new Set(policies.map((policy) => policy.name));
    this.undoing.push(() => {
      for (const added of namesIn(folder).reverse())
        if (!known.has(added)) command(folder, '.remove', Buffer.from(added));
      for (const policy of before) if (mine.has(policy.name)) replace(parent, name, policy.blob);
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
