// The phases of a restore in order, each with the reason for its place.

/**
 * The phases of a task, in this order. Each task enters a phase on its own, unless the phase is a barrier: then all
 * tasks must have finished the phase before it. A task finishes `early` phases before it creates children.
 */
export const PHASES = [
  { name: 'namespaces', why: 'children are born into the namespaces of their parent', early: true },
  { name: 'files', why: 'open everything while the agent still has all privileges and the host view' },
  { name: 'share', why: 'take what other tasks made, after all of ones own: so no two wait for each other' },
  { name: 'address-space', why: 'mappings need the files; nothing of the agent may stay in their way' },
  { name: 'memory', why: 'contents go into the mappings while these are still writable' },
  { name: 'protect', why: 'protections and advice, once contents are in' },
  { name: 'place', why: 'descriptors take their final numbers, temporaries go' },
  { name: 'fixup', why: 'what refers to final numbers: epoll members, owners, locks' },
  { name: 'process', why: 'process-wide state: signal actions, limits, working directory, mm pointers' },
  { name: 'threads', why: 'threads share all of the above', barrier: true },
  {
    name: 'signals',
    why: 'locks, which closing a file would release, and pending signals, after every thread has its own queue',
  },
  { name: 'credentials', why: 'privileges go when nothing needs them any more', barrier: true },
  { name: 'timers', why: 'clocks start as late as can be' },
] as const;
export type PhaseName = (typeof PHASES)[number]['name'];

/**
 * The parts of a restore before and after the phases of tasks. Their steps follow from the process tree and from what
 * kinds of state have registered; no kind adds programs to them. A printed plan shows them as well (`story.ts`).
 */
export const BEFORE = [
  {
    name: 'prepare',
    why: 'what tasks are born with has to be there; nothing of it can be seen by anybody else',
  },
  { name: 'birth', why: 'a pid, a session and namespaces are what a task is born with, or never has' },
] as const;

export const BEHIND = [
  { name: 'arm', why: 'every thread stands still for the tracer, before anything is taken from under it' },
  { name: 'final-calls', why: 'what would refuse the calls of the agent itself comes after all of them' },
  {
    name: 'registers',
    why: 'the agent goes, and with its last call the way to run anything of ours in the task',
  },
  { name: 'go', why: 'when the first one runs on there is no way back: all that can fail has been done' },
] as const;

export type BehindName = (typeof BEHIND)[number]['name'];

export const STORY = [...BEFORE, ...PHASES, ...BEHIND];
export type StoryName = (typeof STORY)[number]['name'];
