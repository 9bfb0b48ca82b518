// What becomes of a program when its agent cannot run it.

/** The agent has been killed, or its task has died. */
export class AgentGoneError extends Error {
  readonly code = 'AGENT_GONE';
  /** What happened, without the name of the agent. */
  readonly reason = 'it was killed or died while it was needed';
  constructor(readonly agent: string) {
    super(`${agent} is gone: it was killed or died while it was needed`);
    this.name = 'AgentGoneError';
  }
}

/** A program was not run, because an earlier one of its chain has failed; the error of that one has the reason. */
export class ChainBrokenError extends Error {
  readonly code = 'CHAIN_BROKEN';
}

/** The agent has refused a message. */
export class AgentProtocolError extends Error {
  readonly code = 'AGENT_PROTOCOL';
}
