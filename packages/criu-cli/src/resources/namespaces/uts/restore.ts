// UTS namespaces: the root task is created in a new one and sets host name and domain name.
import { encodeName, type SyscallName } from '@criu/native';
import { CriuError } from '../../../errors.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import type { NamespaceRestore } from '../kind.js';

/** __NEW_UTS_LEN, the limit in bytes. */
const LONGEST = 64;

export const utsRestore: NamespaceRestore = {
  plan(ctx, root, { id }) {
    const file = `utsns-${id}.img`;
    const { nodename, domainname } = ctx.checkpoint.images.single('UTSNS', id);
    root.birthFlags |= BigInt(CLONE_NEW.uts);
    const p = root.program('namespaces');
    const set = (call: SyscallName, name: string) => {
      const bytes = encodeName(name);
      if (bytes.length > LONGEST)
        throw new CriuError('BAD_IMAGE', `a name of ${bytes.length} bytes, not up to ${LONGEST}`, { file });
      p.syscall(call, [p.data(bytes), bytes.length], { label: `name ${JSON.stringify(name)}` });
    };
    set('sethostname', nodename);
    set('setdomainname', domainname);
  },
};
