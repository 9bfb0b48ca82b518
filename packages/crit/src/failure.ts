// Error messages of the command in the form of `criu`: subject, problem, advice, and code.
import { basename } from 'node:path';
import { ImageError, showOdd } from '@criu/images';
import { CoreDumpError } from './coredump/errors.js';
import { describeFile } from './describe-file.js';
import { CommandFailure, UsageError } from './io.js';

/** Prints the error and sets the exit code. */
export function report(failure: unknown): void {
  const own = failure instanceof CommandFailure;
  process.exitCode = own ? failure.exitCode : 1;
  process.stderr.write(showOdd(failureText(own ? failure.cause : failure)));
}

/** The error as lines for standard error. */
export function failureText(error: unknown): string {
  const { text, advice, code } = explain(error);
  return advice === undefined ? `crit: ${text} [${code}]\n` : `crit: ${text}\n  ${advice} [${code}]\n`;
}

/** Codes in brackets at the end of a message, in addition to the codes of images. */
export const critErrorCodes = ['usage', 'core', 'internal'] as const;

interface Explanation {
  readonly text: string;
  readonly advice?: string | undefined;
  readonly code: ImageError['code'] | (typeof critErrorCodes)[number];
}

function explain(error: unknown): Explanation {
  if (error instanceof ImageError) return ofImage(error);
  if (error instanceof UsageError) return { text: error.message, advice: error.advice, code: 'usage' };
  if (error instanceof CoreDumpError)
    return { text: error.message, advice: '`crit x DIR ps` lists the processes', code: 'core' };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text, advice: 'this is a fault of crit', code: 'internal' };
}

function ofImage(error: ImageError): Explanation {
  const { file, reason, offset, code } = error;
  const subject = file === '' ? 'image' : file;
  const known = code === 'bad-magic' && offset === 0 && file !== '' ? describeFile(file) : undefined;
  if (known !== undefined)
    return {
      text: `${subject}: this is no image with entries: it is ${known.what}`,
      advice: known.advice,
      code,
    };
  const at = offset > 0 ? `, at byte ${offset}` : '';
  return { text: `${subject}: ${reason}${at}`, advice: adviceFor(error), code };
}

function adviceFor({ code, file, cause }: ImageError): string {
  switch (code) {
    case 'io':
      return adviceForSystem((cause as NodeJS.ErrnoException | undefined)?.code, file);
    case 'bad-magic':
      return 'name an image of CRIU, as a dump writes them into its directory (NAME.img)';
    case 'unresolved':
      return '`crit verify DIR` lists all that is missing; take a copy of the images that is whole, or dump again';
    case 'bad-value':
    case 'missing-field':
      return 'the image is damaged, or its JSON was changed to what cannot be: `crit verify DIR` tells what else is wrong';
    default:
      return 'the file is damaged or was not written to its end: take a copy that is whole, or dump again';
  }
}

function adviceForSystem(errno: string | undefined, file: string): string {
  const name = basename(file);
  switch (errno) {
    case 'ENOENT':
      return name.endsWith('.img')
        ? 'name an image, or the directory of a dump that has finished'
        : 'name an image, a directory of images, or an archive of a container';
    case 'EISDIR':
      return 'name one image in it, or look at the whole: `crit x DIR ps`, `crit report DIR`';
    case 'ENOTDIR':
      return 'name a directory of images, or an archive of a container';
    case 'EACCES':
    case 'EPERM':
      return 'images belong to the user that has dumped: run crit as that user, or as root';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'make room there, or name another place with -o';
    default:
      return 'find out why with the tools of the system: `ls -l`, `dmesg`';
  }
}
