// The semaphore sets that a restore creates, as opposed to those that exist.
import type { PlanContext } from '../../../engine/plan.js';
import { stateKey } from '../../../states.js';

/** Identifiers of sets that get the values of the dump. */
export const restoredSemaphores = stateKey('restored semaphores', (_: PlanContext) => new Set<number>());
