// Keyrings of threads and processes (keyrings(7)): the kernel lets nobody create them with keys that cannot be read.
import type { Program } from '@criu/compel';
import { KEY_SPEC_PROCESS_KEYRING, KEY_SPEC_THREAD_KEYRING, KEYCTL_GET_KEYRING_ID } from '@criu/native/uapi';
import type { LiveTask } from '../../engine/dump-task.js';
import type { Answer } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';

/**
 * Asks a thread whether it has keyrings of its own; that creates none. The session's keyring is not asked for, as the kernel would
 * give one to a thread without.
 * @throws CriuError UNSUPPORTED if there is one
 */
export function askKeyrings({ pid }: LiveTask, tid: number, p: Program): Answer {
  const kinds = [
    ['a thread', KEY_SPEC_THREAD_KEYRING],
    ['a process', KEY_SPEC_PROCESS_KEYRING],
  ] as const;
  const asked = kinds.map(([whose, id]) => ({
    whose,
    // Fails with ENOKEY if there is none, and with ENOSYS without CONFIG_KEYS.
    step: p.syscall('keyctl', [KEYCTL_GET_KEYRING_ID, id, 0], { expect: 'any' }),
  }));
  return (r) => {
    for (const { whose, step } of asked)
      if (r.value(step) > 0)
        throw new CriuError(
          'UNSUPPORTED',
          `thread ${tid} has the keyring of ${whose}, whose keys only the kernel has`,
          { pid },
          'keep the keys in the keyring of a user or session, which the restored task will look through again',
        );
  };
}
