// Questions that the thread which reads descriptors asks all sockets of a kind: most sockets of a program give the same
// answers.
import { type abi, addon, type Questions } from '@criu/native';
import type { DumpContext } from '../../../engine/dump-context.js';
import { stateKey } from '../../../states.js';

/** The field of a descriptor with the number of the answer. */
type Place = typeof abi.DESCRIPTOR_OPTIONS | typeof abi.DESCRIPTOR_PEER;

/** The sockets that are asked: of a family, and of one or all types and protocols, with a TCP peer or without. */
interface Asked {
  readonly family: number;
  readonly type?: number;
  readonly protocol?: number;
  readonly connection?: boolean;
}

const asked = stateKey(
  'questions to sockets',
  (_: DumpContext): Map<string, Questions> => new Map<string, Questions>(),
);

/**
 * Reads options of all sockets that are inspected from now on.
 * @param wanted level, name and size in bytes of each option
 * @returns the handle; undefined if other options are read at that index already
 */
export function askSockets(
  ctx: DumpContext,
  { family, type = -1, protocol = -1, connection }: Asked,
  place: Place,
  wanted: Int32Array,
): Questions | undefined {
  const all = ctx.states.get(asked);
  const key = `${place} ${family} ${type} ${protocol} ${connection}`;
  if (all.has(key)) return undefined;
  const connected = connection === undefined ? -1 : Number(connection);
  const questions = addon().makeQuestions({ family, type, protocol, connected, place, wanted });
  all.set(key, questions);
  return questions;
}

/** The questions so far. */
export function questionsTo(ctx: DumpContext): readonly Questions[] {
  return [...ctx.states.get(asked).values()];
}
