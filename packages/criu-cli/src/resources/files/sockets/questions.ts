// What is asked of all sockets of a kind while they are looked at, which a thread does: most of a program answer the same.
import { type abi, addon, type Questions } from '@criu/native';
import type { DumpContext } from '../../../engine/dump-context.js';
import { stateKey } from '../../../states.js';

/** Where a look has the numbers of answers. */
type Place = typeof abi.DESCRIPTOR_OPTIONS | typeof abi.DESCRIPTOR_PEER;

/** Sockets that are asked: of a family, and of one type and protocol of it or of all. */
interface Asked {
  readonly family: number;
  readonly type?: number;
  readonly protocol?: number;
}

const asked = stateKey(
  'questions to sockets',
  (_: DumpContext): Map<string, Questions> => new Map<string, Questions>(),
);

/**
 * Has sockets that are looked at from here on asked for options.
 * @param wanted level, name and bytes of room of each
 * @returns what their numbers stand for; undefined if they are asked for others at that place
 */
export function askSockets(
  ctx: DumpContext,
  { family, type = -1, protocol = -1 }: Asked,
  place: Place,
  wanted: Int32Array,
): Questions | undefined {
  const all = ctx.states.get(asked);
  const key = `${place} ${family} ${type} ${protocol}`;
  if (all.has(key)) return undefined;
  const questions = addon().makeQuestions(family, type, protocol, place, wanted);
  all.set(key, questions);
  return questions;
}

/** What is asked so far. */
export function questionsTo(ctx: DumpContext): readonly Questions[] {
  return [...ctx.states.get(asked).values()];
}
