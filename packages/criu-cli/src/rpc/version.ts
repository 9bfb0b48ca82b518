// The answer to VERSION, which needs nothing but the question: a service gives it itself, without a worker.
import { CriuReqType, decodeMessage, encodeMessage } from '@criu/images';
import { CRIU_VERSION } from '../cli/version.js';
import type { Response } from './connection.js';
import type { PacketSocket } from './socket.js';

/** A request for the version is no larger. */
const SMALL = 256;

export function versionResponse(): Response {
  const [major = 0, minor = 0] = CRIU_VERSION.split('.').map(Number);
  return {
    type: CriuReqType.VERSION,
    success: true,
    version: { major_number: major, minor_number: minor },
  };
}

/**
 * Answers the request that has come if it is for the version, and leaves any other where it is.
 * @returns whether it was, and whether the next one may follow
 * @throws SysError if the client is gone, or takes no answer
 */
export async function answerVersion(socket: PacketSocket): Promise<'other' | 'last' | 'more'> {
  const bytes = socket.peekMessage(SMALL);
  if (!bytes) return 'other';
  let keepOpen: boolean;
  try {
    const request = decodeMessage('CriuReq', bytes);
    if (request.type !== CriuReqType.VERSION) return 'other';
    keepOpen = request.keep_open ?? false;
  } catch {
    // For the one who says so.
    return 'other';
  }
  await socket.receive();
  socket.sendNow(encodeMessage('CriuResp', versionResponse()));
  return keepOpen ? 'more' : 'last';
}
