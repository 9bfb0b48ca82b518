// The first look of `criu swrk` at what it is asked: container engines start one for the version alone before each dump and restore.
// That is answered here, in a bundle of its own; of all else it tells the launcher which compiled code there will be use for.
import { NativeLoadError, sysRaw } from '@criu/native';
import {
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_PEEK,
  MSG_TRUNC,
  SO_TYPE,
  SOCK_SEQPACKET,
  SOL_SOCKET,
} from '@criu/native/uapi';
import { CRIU_VERSION } from '../criu-version.js';
import { FIRST, type FirstRequest, glance, versionAnswer } from '../rpc/first-request.js';

/** A request for the version is no larger, nor what is in front of a request's options. */
const SMALL = 4096;

/** Names of what V8 compiles for a request, and of what comes nearest to that until there is any. */
export type Compiled = readonly [own: string, nearest: string];

function isPacketSocket(fd: number): boolean {
  const type = new Int32Array(1);
  const error = sysRaw('getsockopt', fd, SOL_SOCKET, SO_TYPE, type, new Int32Array([type.byteLength]));
  return error === 0 && type[0] === SOCK_SEQPACKET;
}

/** The message that has come first, which stays there; undefined for none yet, or for one that is larger. */
function peek(fd: number): Uint8Array | undefined {
  const bytes = Buffer.alloc(SMALL);
  const length = sysRaw('recvfrom', fd, bytes, SMALL, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT, null, null);
  return length > 0 && length <= SMALL ? bytes.subarray(0, length) : undefined;
}

function compiledFor(request: FirstRequest | undefined): Compiled {
  switch (request?.type) {
    case FIRST.restore:
      return ['swrk-restore', 'restore'];
    case FIRST.dump:
    case FIRST.preDump:
      return ['swrk-dump', 'dump'];
    default:
      return ['swrk', 'dump'];
  }
}

/** Takes the request and answers it. @returns whether the client has got the answer */
function tellVersion(fd: number): boolean {
  sysRaw('recvfrom', fd, Buffer.alloc(SMALL), SMALL, 0, null, null);
  const answer = versionAnswer(CRIU_VERSION);
  return sysRaw('sendto', fd, answer, answer.length, MSG_NOSIGNAL, null, 0) === answer.length;
}

/**
 * What the launcher runs before any other bundle.
 * @param args of the command: `swrk FD`
 * @returns undefined if nothing is left to do
 */
export function run([, descriptor = '']: readonly string[]): Compiled | undefined {
  // What is wrong with the descriptor, or with this machine, is said by the bundle that does the work.
  if (!/^\d{1,9}$/.test(descriptor)) return compiledFor(undefined);
  const fd = Number(descriptor);
  try {
    const bytes = isPacketSocket(fd) ? peek(fd) : undefined;
    const request = bytes && glance(bytes);
    if (request?.type !== FIRST.version || request.keepOpen) return compiledFor(request);
    // At once: node would take itself apart for 3 ms, and the kernel does it in any case.
    sysRaw('exit_group', tellVersion(fd) ? 0 : 1);
    return undefined;
  } catch (error) {
    if (error instanceof NativeLoadError) return compiledFor(undefined);
    throw error;
  }
}
