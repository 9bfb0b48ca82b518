// Registers the formats of a binfmt_misc, from inside: the kernel may open an interpreter at once (flag F), as the tasks see it.
import { Mark } from '@criu/compel';
import { readdirSync, writeFileSync } from '@criu/native/fs';
import { AT_SYMLINK_NOFOLLOW, O_CLOEXEC, O_WRONLY, STATX_TYPE, statx } from '@criu/native/uapi';
import type { PlanContext } from '../../../../engine/plan.js';
import type { BinfmtMiscEntry } from '../../../../images/types.js';
import { readMountInfo } from '../../../../proc/index.js';
import { stateKey } from '../../../../states.js';
import type { Mount } from '../../../../views/mount-tree.js';
import { plannedUsers } from '../../../../views/planned-users.js';
import { FsType } from '../filesystems.js';
import { title, type Workshop } from '../workshop.js';
import { registration } from './formats.js';

/** The formats of a mount in the images, and their file. CRIU has one file for the only mount, or one for each. */
function formatsOf(
  ctx: PlanContext,
  { entry }: Mount,
): { file: string; formats: readonly BinfmtMiscEntry[] } {
  const { images } = ctx.checkpoint;
  const own = images.has('BINFMT_MISC', entry.root_dev);
  if (!own && !images.has('BINFMT_MISC', '', 1)) return { file: '', formats: [] };
  const items = own ? images.items('BINFMT_MISC', entry.root_dev) : images.items('BINFMT_MISC', '', 1);
  const file = own ? `binfmt-misc-${entry.root_dev}.img` : 'binfmt-misc.img';
  return { file, formats: items.map((item) => item.entry) };
}

/** Where this process has the machine's binfmt_misc mounted. */
function machinesPlace(): string | undefined {
  return readMountInfo(process.pid).find(({ fsType, root }) => fsType === 'binfmt_misc' && root === '/')
    ?.mountPoint;
}

/**
 * What has to be taken back after a failure: without a user namespace of their own, the tasks mount the machine's formats,
 * which stay if somebody else has them mounted.
 */
const undoing = stateKey('formats of the machine', (ctx: PlanContext) => {
  const added = new Set<string>();
  let there: ReadonlySet<string> = new Set();
  let place: string | undefined;
  if (plannedUsers(ctx)) return added;
  ctx.prepare('see which binary formats the machine has', () => {
    place = machinesPlace();
    there = new Set(place === undefined ? [] : readdirSync(place));
  });
  ctx.cleanup('forget binary formats', () => {
    if (place === undefined) return;
    const now = readdirSync(place);
    for (const name of added)
      if (!there.has(name) && now.includes(name)) writeFileSync(`${place}/${name}`, '-1');
  });
  return added;
});

/** Adds steps for a new mount; a format that is there already is the machine's, and stays as it is. @throws CriuError */
export function registerFormats(shop: Workshop, mount: Mount): void {
  const { ctx } = shop;
  if (mount.entry.fstype !== FsType.BINFMT_MISC || shop.making(mount)?.how !== 'new') return;
  const { file, formats } = formatsOf(ctx, mount);
  if (formats.length === 0) return;
  shop.go(shop.treeOf(mount));
  const added = ctx.states.get(undoing);
  const p = shop.program;
  const fd = shop.fd(mount);
  const room = p.out(statx.sizeof);
  const write = (path: string, text: string, label: string) => {
    const to = p.syscall('openat', [fd, p.cstring(path), O_WRONLY | O_CLOEXEC], { label });
    const bytes = Buffer.from(text);
    p.syscall('write', [to, p.data(bytes), bytes.length], { label });
    p.syscall('close', [to]);
  };
  for (const format of formats) {
    const label = `binary format ${format.name} on ${title(mount)}`;
    const [missing, done] = [new Mark(), new Mark()];
    p.syscall('statx', [fd, p.cstring(format.name), AT_SYMLINK_NOFOLLOW, STATX_TYPE, room], {
      orGoTo: missing,
    });
    p.goTo(done);
    p.here(missing);
    write('register', registration(format, file), label);
    if (!format.enabled) write(format.name, '0', `${label}: off`);
    p.here(done);
    added.add(format.name);
  }
}
