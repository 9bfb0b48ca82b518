// Validates the entries of an image against the rules, once, before they are used.
import { describeMessage, type ImageKind, kinds, type MessageName } from '@criu/images';
import { CriuError } from '../errors.js';
import { type Rule, rules, wholes } from './rules.js';

type Message = Readonly<Record<string, unknown>>;

/** An error, and the path of the field within the message: `reg.fown.signum`. */
interface Wrong {
  readonly field: string;
  readonly wrong: string;
}

/**
 * Checks a message. There are thousands of messages and almost all are valid, so a check of a valid one allocates
 * nothing.
 */
type Checker = (message: Message) => Wrong | undefined;

/** PATH_MAX, the longest name that the kernel accepts or returns. */
const LONGEST_TEXT = 4096;
const text: Rule = { wanted: `of up to ${LONGEST_TEXT}`, most: LONGEST_TEXT };

function brief(value: unknown): string {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
}

/** Calls `at` for the value of a field, or for each element if it is a list. */
function look(value: unknown, at: (one: unknown) => Wrong | undefined): Wrong | undefined {
  if (!Array.isArray(value)) return at(value);
  for (let i = 0; i < value.length; i++) {
    const wrong = at(value[i]);
    if (wrong) return wrong;
  }
  return undefined;
}

/** The checks of a rule for a field of this name. */
function stepsOf(field: string, { wanted, most, fits }: Rule): Checker[] {
  const steps: Checker[] = [];
  if (most !== undefined)
    steps.push((message) => {
      const length = (message[field] as { length?: number } | undefined)?.length;
      return length === undefined || length <= most
        ? undefined
        : { field, wrong: `is of ${length}, not ${wanted}` };
    });
  if (fits) {
    const at = (one: unknown) =>
      fits(one) ? undefined : { field, wrong: `is ${brief(one)}, not ${wanted}` };
    steps.push((message) => {
      const value = message[field];
      return value === undefined ? undefined : look(value, at);
    });
  }
  return steps;
}

/** For the kernel a string ends at a zero byte, so it would be another one there. */
function textStep(field: string): Checker {
  const at = (one: unknown) =>
    (one as string).includes('\0') ? { field, wrong: `is ${brief(one)}, which has a zero byte` } : undefined;
  return (message) => {
    const value = message[field];
    return value === undefined ? undefined : look(value, at);
  };
}

const checkers = new Map<string, Checker | undefined>();

/** The checker of a message type, built once; undefined if the type has nothing to check. */
function checkerOf(type: MessageName): Checker | undefined {
  if (checkers.has(type)) return checkers.get(type);
  const made = makeChecker(type);
  checkers.set(type, made);
  return made;
}

function makeChecker(type: MessageName): Checker | undefined {
  const own = rules[type] as Readonly<Record<string, Rule>> | undefined;
  const whole = (
    wholes as Readonly<Record<string, ((m: never) => ReturnType<typeof wholes.FileEntry>) | undefined>>
  )[type];
  const steps: Checker[] = [];
  const inner = new Map<string, MessageName>();
  for (const { name, type: is, of } of describeMessage(type).fields) {
    const rule = own?.[name] ?? (is === 'string' ? text : undefined);
    if (rule) steps.push(...stepsOf(name, rule));
    if (is === 'string') steps.push(textStep(name));
    if (is === 'message' && of !== undefined) inner.set(name, of as MessageName);
  }
  if (inner.size > FEW) steps.push((message) => checkThose(message, inner));
  else for (const [name, of] of inner) steps.push((message) => checkInner(message[name], of, name));
  if (whole) steps.push((message) => whole(message as never));
  if (steps.length === 0) return undefined;
  return (message) => {
    for (let i = 0; i < steps.length; i++) {
      const wrong = steps[i]?.(message);
      if (wrong) return wrong;
    }
    return undefined;
  };
}

/**
 * Up to this number of message fields in a type, each of these fields is looked up; beyond it, the present fields of
 * the message are iterated.
 */
const FEW = 6;

function checkThose(message: Message, inner: ReadonlyMap<string, MessageName>): Wrong | undefined {
  for (const name in message) {
    const of = inner.get(name);
    const wrong = of && checkInner(message[name], of, name);
    if (wrong) return wrong;
  }
  return undefined;
}

/** Checks a field that contains one message or a list of messages. */
function checkInner(value: unknown, type: MessageName, field: string): Wrong | undefined {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return undefined;
  // Built when the first such message comes: most types have fields for dozens of kinds, and few images contain all of
  // them.
  const check = checkerOf(type);
  if (!check) return undefined;
  if (!Array.isArray(value)) return below(field, check(value as Message));
  for (let i = 0; i < value.length; i++) {
    const wrong = check(value[i]);
    if (wrong) return below(`${field}[${i}]`, wrong);
  }
  return undefined;
}

function below(field: string, wrong: Wrong | undefined): Wrong | undefined {
  return wrong && { field: `${field}.${wrong.field}`, wrong: wrong.wrong };
}

/**
 * Checks the entries of an image. One that differs from another in ids alone, for which there are no rules, is as that one.
 * @throws CriuError BAD_IMAGE naming the file, the entry and the field
 */
export function validate(
  kind: ImageKind,
  items: readonly { readonly entry: object; readonly like?: object }[],
  file: string,
): void {
  const info: { type: MessageName; later?: MessageName } = kinds[kind];
  for (let i = 0; i < items.length; i++) {
    if (items[i]?.like !== undefined) continue;
    const check = checkerOf(i > 0 && info.later ? info.later : info.type);
    const found = check?.(items[i]?.entry as Message);
    if (found) throw new CriuError('BAD_IMAGE', found.wrong, { file, entry: `entry ${i}, ${found.field}` });
  }
}
