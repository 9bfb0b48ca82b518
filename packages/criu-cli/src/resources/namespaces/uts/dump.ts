// UTS namespaces: the names of host and domain.
import { Program } from '@criu/compel';
import { CriuError } from '../../../errors.js';
import type { NamespaceDump } from '../dump-kind.js';

/** struct new_utsname: six strings of 64 characters and a NUL. */
const FIELD = 65;
const NODENAME = FIELD;
const DOMAINNAME = 5 * FIELD;
const UTSNAME_SIZE = 6 * FIELD;

/** Images have text there. */
function text(bytes: Buffer, what: string): string {
  const name = bytes.subarray(0, bytes.indexOf(0));
  const decoded = name.toString('utf8');
  if (!Buffer.from(decoded).equals(name))
    throw new CriuError(
      'NOT_DUMPABLE',
      `the ${what} name ${JSON.stringify(name.toString('latin1'))} is not UTF-8`,
      {},
      'set another one in the UTS namespace of the tasks',
    );
  return decoded;
}

export const utsDump: NamespaceDump = {
  name: 'uts',

  async visit(ctx, id, inside) {
    const p = new Program('names of host and domain');
    const names = p.out(UTSNAME_SIZE);
    p.syscall('uname', [names]);
    const bytes = (await inside.run(p)).bytes(names);
    ctx.images.add(
      'UTSNS',
      {
        nodename: text(bytes.subarray(NODENAME, NODENAME + FIELD), 'host'),
        domainname: text(bytes.subarray(DOMAINNAME, DOMAINNAME + FIELD), 'domain'),
      },
      { id },
    );
  },
};
