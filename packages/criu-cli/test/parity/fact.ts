// What a row of a table of CRIU 4.2 says. Names are facts of CRIU; what becomes of each is told by its class.

export interface Fact {
  readonly name: string;
  /**
   * - `works`: does what it does in CRIU
   * - `always`: what it asks for is so in any case, with the same result
   * - `refused`: an error that names it, with the reason
   */
  readonly is: 'works' | 'always' | 'refused';
  /** Words of the reason that the refusal gives; of `always`, why it is so. */
  readonly why?: string;
  /** Files below test/ that see its effect; each has to speak of it. */
  readonly seen?: readonly string[];
}
