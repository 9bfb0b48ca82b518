// Restores socket options that CRIU's format has no field for, from fields of our own.
import type { SkOptsEntry } from '@criu/images';
import { CriuError } from '../../../errors.js';
import { callerSets } from '../../../views/planned-users.js';
import { MORE_OPTIONS, type MoreOption, type Stage } from './option-table.js';
import { intOption, type OptionValue, type Place, setByCaller } from './place.js';

function found(level: number | undefined, name: number | undefined, bytes: boolean): MoreOption {
  const option = MORE_OPTIONS.find((o) => o.level === level && o.name === name && o.bytes === bytes);
  if (option) return option;
  throw new CriuError('BAD_IMAGE', `a socket has option ${level}/${name}, which is none that is kept`, {
    file: 'files.img',
    entry: bytes ? 'more_bytes' : 'more',
  });
}

/**
 * Sets the options of some stages.
 * @throws CriuError BAD_IMAGE for an option that is not in the table
 */
export function setMoreOptions(
  place: Place,
  fd: number,
  { more, more_bytes }: SkOptsEntry,
  stages: readonly Stage[],
): void {
  if (more.length === 0 && more_bytes.length === 0) return;
  const { ctx, plan, phase } = place;
  const wanted = new Map<MoreOption, Buffer>();
  for (let i = 0; i < more.length; i += 3) {
    const [level, name, value = 0] = more.slice(i, i + 3);
    wanted.set(found(level, name, false), intOption(0, value).value);
  }
  for (const { level, name, value } of more_bytes) wanted.set(found(level, name, true), Buffer.from(value));
  const p = plan.program(phase);
  const byCaller: (MoreOption & OptionValue)[] = [];
  for (const option of MORE_OPTIONS) {
    const value = stages.includes(option.stage) ? wanted.get(option) : undefined;
    if (!value) continue;
    if (option.privileged && callerSets(ctx)) byCaller.push({ ...option, value });
    else
      p.syscall('setsockopt', [fd, option.level, option.name, p.data(value), value.length], {
        label: `${option.text} of fd ${fd}`,
      });
  }
  if (byCaller.length > 0)
    setByCaller(place, fd, `${byCaller.map(({ text }) => text).join(', ')} of fd ${fd}`, byCaller);
}
