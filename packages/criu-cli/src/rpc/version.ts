// Answers VERSION requests, which a service does itself, without a worker.
import { CriuReqType, decodeMessage, encodeMessage } from '@criu/images';
import { CRIU_VERSION } from '../cli/version.js';
import type { Response } from './connection.js';
import type { PacketSocket } from './socket.js';

/** Largest size in bytes of a VERSION request. */
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
 * Answers the request in the queue if it is VERSION; leaves any other in the queue.
 * @returns `other` if it was not VERSION; `more` if another request may follow, else `last`
 * @throws SysError if the client has closed the connection or does not receive
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
    // The bytes are left to the code that reports errors.
    return 'other';
  }
  await socket.receive();
  socket.sendNow(encodeMessage('CriuResp', versionResponse()));
  return keepOpen ? 'more' : 'last';
}
