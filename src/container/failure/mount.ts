import { errnoText } from '../../errno.ts';
import type { ErrorCode } from '../../error-codes.ts';
import { ELOOP, ENODEV, ENOTDIR } from '../../kernel.gen.ts';
import type { Action } from '../../plan/wire/ops.ts';
import type { Description, FailedStep } from './failed-step.ts';
import { idMappingRefusal } from './idmap.ts';
import { hostDirectories, overlayRefusal } from './overlay.ts';

/** What init reports of a failure: the system call, its errno, and what it found. */
export interface Report {
  readonly errno: number;
  readonly syscall: string;
  readonly detail: string;
}

const causeOf = (detail: string, { errno, syscall }: Report): string =>
  [detail, syscall ? `${syscall}: ${errnoText(errno)}` : errnoText(errno)].filter(Boolean).join(': ');

/** A step of a mount that failed, in words; undefined when it is not about one. */
export function describeMount({ title, action }: FailedStep, report: Report): Description | undefined {
  const said = (cause: string, code: ErrorCode = 'MOUNT_FAILED'): Description => ({
    code,
    message: `error mounting: cannot ${title}: ${cause}`,
  });
  const { errno, detail } = report;
  const wired = action as Action;
  switch (wired.op) {
    case 'fs.mount':
      return said(causeOf(detail, report), errno === ENODEV ? 'MOUNT_TYPE_UNKNOWN' : 'MOUNT_FAILED');
    case 'fs.mountLegacy': {
      const refusal = wired.type === 'overlay' && errno !== ENODEV ? overlayRefusal(wired.data, hostDirectories) : undefined;
      return said(causeOf(refusal ?? detail, report), errno === ENODEV ? 'MOUNT_TYPE_UNKNOWN' : 'MOUNT_FAILED');
    }
    case 'tree.setattr':
      return wired.userNamespace === 0 ? said(causeOf(detail, report)) : said(idMappingRefusal(detail, errno), 'IDMAP_FAILED');
    case 'tree.attach':
      return said(wired.noSymlinks && (errno === ELOOP || errno === ENOTDIR) ? notOrdinary(title, report) : causeOf(detail, report));
    case 'tree.clone':
    case 'tree.cloneInside':
    case 'tree.mapOutside':
    case 'tree.cloneDevice':
    case 'tree.copyUp':
    case 'fs.reconfigure':
      return said(causeOf(detail, report));
    default:
      return undefined;
  }
}

/** runc's words for a /proc or /sys of the image that is no directory. @param title `mount "proc" on "/proc"` */
function notOrdinary(title: string, report: Report): string {
  const [what = ''] = /"(?:[^"\\]|\\.)*"/.exec(title) ?? [];
  return `filesystem ${what} must be mounted on ordinary directory: ${causeOf(report.detail, report)}`;
}
