// Holds the entries of an image against the rules, once, before anybody uses them.
import { describeMessage, type ImageKind, kinds, type MessageName } from '@criu/images';
import { CriuError } from '../errors.js';
import { type Rule, rules, wholes } from './rules.js';

type Message = Readonly<Record<string, unknown>>;
/** Checks a message; `path` leads to it. @throws CriuError */
type Checker = (message: Message, path: Path) => void;

/** Where a message is: an entry of a file, or what a field of another message has, its `at`-th value if there may be several. */
type Path =
  | { readonly file: string; readonly index: number }
  | { readonly within: Path; readonly field: string; readonly at?: number };

/** PATH_MAX: no name that the kernel gives or takes is longer. */
const LONGEST_TEXT = 4096;
const text: Rule = { wanted: `of up to ${LONGEST_TEXT}`, most: LONGEST_TEXT };

function fault(path: Path, field: string, wrong: string): CriuError {
  if (!('within' in path))
    return new CriuError('BAD_IMAGE', wrong, { file: path.file, entry: `entry ${path.index}, ${field}` });
  const at = path.at === undefined ? '' : `[${path.at}]`;
  return fault(path.within, `${path.field}${at}.${field}`, wrong);
}

function brief(value: unknown): string {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
}

function checkValue(value: unknown, rule: Rule, path: Path, field: string): void {
  const length = (value as { length?: number } | undefined)?.length ?? 0;
  if (rule.most !== undefined && length > rule.most)
    throw fault(path, field, `is of ${length}, not ${rule.wanted}`);
  const { fits } = rule;
  if (!fits) return;
  for (const one of Array.isArray(value) ? value : [value])
    if (!fits(one)) throw fault(path, field, `is ${brief(one)}, not ${rule.wanted}`);
}

/** Strings end at a zero byte for the kernel: it would see another one. */
function checkText(value: unknown, path: Path, field: string): void {
  for (const one of Array.isArray(value) ? value : [value])
    if ((one as string).includes('\0')) throw fault(path, field, `is ${brief(one)}, which has a zero byte`);
}

const checkers = new Map<string, Checker | undefined>();

/** The checker of a message type, made once; undefined where there is nothing to check. */
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
  for (const field of describeMessage(type).fields) {
    const { name } = field;
    const rule = own?.[name] ?? (field.type === 'string' ? text : undefined);
    const of = field.type === 'message' ? (field.of as MessageName | undefined) : undefined;
    if (rule)
      steps.push((message, path) => {
        const value = message[name];
        if (value !== undefined) checkValue(value, rule, path, name);
      });
    if (field.type === 'string')
      steps.push((message, path) => {
        const value = message[name];
        if (value !== undefined) checkText(value, path, name);
      });
    if (of)
      steps.push((message, path) => {
        const value = message[name];
        if (value === undefined || (Array.isArray(value) && value.length === 0)) return;
        // Not before there is one: most messages have fields for dozens of kinds, and hardly any image has them all.
        const inner = checkerOf(of);
        if (!inner) return;
        if (Array.isArray(value))
          for (const [at, one] of value.entries()) inner(one, { within: path, field: name, at });
        else inner(value as Message, { within: path, field: name });
      });
  }
  if (whole)
    steps.push((message, path) => {
      const wrong = whole(message as never);
      if (wrong) throw fault(path, wrong.field, wrong.wrong);
    });
  if (steps.length === 0) return undefined;
  return (message, path) => {
    for (const step of steps) step(message, path);
  };
}

/** @throws CriuError BAD_IMAGE naming the file, the entry and the field */
export function validate(kind: ImageKind, items: readonly { readonly entry: object }[], file: string): void {
  const info: { type: MessageName; later?: MessageName } = kinds[kind];
  for (const [index, { entry }] of items.entries()) {
    const check = checkerOf(index > 0 && info.later ? info.later : info.type);
    check?.(entry as Message, { file, index });
  }
}
