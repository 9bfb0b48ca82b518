// Files that are alike but for their numbers: two of a sort are planned, the others take the same steps with numbers of their own.
// A step for each of thousands of pipes would be built by code that runs too seldom to be compiled.
import type { Passage, Program } from '@criu/compel';
import type { PhaseName, TaskPlan } from '../../engine/plan.js';
import { stateKey } from '../../states.js';

/** Files that are created together, to be planned like others of their sort. */
export interface Sample<Phase extends PhaseName> {
  /** Their temporary descriptors, in an order that all of the sort have. */
  readonly numbers: readonly number[];
  /** Adds their steps to a phase. */
  plan(phase: Phase): void;
  /** Does what `plan` does beside adding steps. */
  note(phase: Phase): void;
  /** Labels of the steps that `plan` adds. */
  labels(phase: Phase): readonly (string | undefined)[];
}

/** What is known of the steps of a sort, all in one program: their data is there. */
interface Template {
  readonly program: Program;
  /** Steps of the first one, with its numbers; undefined if they cannot be repeated. */
  readonly passage: Passage | undefined;
  readonly numbers: readonly number[];
  /** Places of numbers in the passage, and which one each is; known when there are two. */
  readonly places: readonly number[] | undefined;
  readonly which: readonly number[];
}

const templates = stateKey('steps of files that are alike', (_: TaskPlan) => new Map<string, Template>());

/**
 * Adds the steps of files to a phase. Those of a sort may depend on nothing that such steps of others leave in data, and consist of
 * calls that the task makes itself, or they are planned one by one.
 * @param sort everything on which the steps depend beside the numbers
 */
export function planLike<Phase extends PhaseName>(
  plan: TaskPlan,
  phase: Phase,
  sort: string,
  sample: Sample<Phase>,
): void {
  const known = plan.states.get(templates);
  const program = plan.program(phase);
  const key = `${phase} ${sort}`;
  const template = known.get(key);
  if (template?.program !== program) {
    const passage = added(plan, phase, program, sample, false);
    known.set(key, { program, passage, numbers: sample.numbers, places: undefined, which: [] });
    return;
  }
  const { passage, places } = template;
  if (!passage) sample.plan(phase);
  else if (!places)
    known.set(key, withPlaces(template, passage, added(plan, phase, program, sample, true), sample.numbers));
  else repeat(template, passage, places, sample, phase);
}

/**
 * Adds the steps of a sample.
 * @param known whether errors for its calls have to be those of calls of other samples
 * @returns the passage of the program that the steps are, if they are nothing else
 */
function added<Phase extends PhaseName>(
  plan: TaskPlan,
  phase: Phase,
  program: Program,
  sample: Sample<Phase>,
  known: boolean,
): Passage | undefined {
  const before = program.bookmark();
  const others = plan.extent(phase, known);
  sample.plan(phase);
  return plan.extent(phase, known) === others ? program.since(before) : undefined;
}

/** Two passages of a sort may differ where they have their numbers, and nowhere else. */
function withPlaces(
  template: Template,
  passage: Passage,
  other: Passage | undefined,
  others: readonly number[],
): Template {
  const { program, numbers } = template;
  const places = other && program.differences(passage, other);
  const which: number[] = [];
  for (const place of places ?? [])
    which.push(
      numbers.findIndex(
        (number, i) =>
          number === program.numberAt(passage, place) &&
          others[i] === program.numberAt(other ?? passage, place),
      ),
    );
  if (!places || which.includes(-1)) return { ...template, passage: undefined };
  return { ...template, places, which };
}

function repeat<Phase extends PhaseName>(
  { program, which }: Template,
  passage: Passage,
  places: readonly number[],
  sample: Sample<Phase>,
  phase: Phase,
): void {
  const { numbers } = sample;
  const own: number[] = [];
  for (let i = 0; i < which.length; i++) own.push(numbers[which[i] ?? 0] ?? 0);
  // Texts are wanted when the plan is printed or a step fails.
  program.again(passage, places, own, (step) => sample.labels(phase)[step]);
  sample.note(phase);
}
