import { errnoName, errnoText } from '../../errno.ts';
import { RuntimeError } from '../../errors.ts';
import { hintFor } from '../../hints.ts';
import { presentKernel } from '../../host/probe.ts';
import { CLONE_NEWUSER, EACCES, EEXIST, EINVAL, EISDIR, ENOENT, EPERM, schedulerPolicies } from '../../kernel.gen.ts';
import { addon, type InitEvent } from '../../native/addon.ts';
import { EVENT_HEADER_SIZE, readEventHeader } from '../../plan/wire/messages.ts';
import type { Action } from '../../plan/wire/ops.ts';
import type { HookKind } from '../../spec/hook-kinds.ts';
import { type Explanation, explainProgram, programFacts } from './exec.ts';
import type { Description, FailedStep } from './failed-step.ts';
import { hookFailure } from './hook.ts';
import { lackOf } from './kernel.ts';
import { describeMount } from './mount.ts';
import { explainNoMap, whyNoRights, whyNoUserNamespace } from './user-namespace.ts';

/**
 * Turns a failed step into words (those that engines look for come first).
 * @param program what init found of the program, when the step was about it
 */
export function stepError(step: FailedStep | undefined, event: InitEvent, program?: InitEvent): RuntimeError {
  const [syscall = '', ...rest] = event.text;
  const found = rest.filter((part) => part !== '').join(' ');
  if (!step) return new RuntimeError('INIT_FAILED', `init failed: ${syscall}: ${errnoText(event.errno)} ${found}`.trim());
  const { code, message } = describe(step, event.errno, syscall, withoutSubject(step, found));
  const lack = lackOf(step.action as Action, event.errno, found, presentKernel());
  const { why = lack, hint = hintFor({ ...kindOf(step.action as Action), errno: errnoName(event.errno) }) } = explain(step, event, program);
  return new RuntimeError(lack === undefined ? code : 'KERNEL_TOO_OLD', why === undefined ? message : `${message}: ${why}`, {
    ...(hint === undefined ? {} : { hint }),
    ...(step.pointer === undefined ? {} : { pointer: step.pointer }),
    step: step.title,
    ...(syscall ? { syscall } : {}),
    ...(event.errno ? { errno: errnoName(event.errno) } : {}),
  });
}

function explain({ action }: FailedStep, { errno }: InitEvent, program: InitEvent | undefined): Explanation {
  if (action.op === 'ns.unshare' && action.flags === CLONE_NEWUSER) {
    const hint = whyNoUserNamespace(errnoName(errno));
    return hint === undefined ? {} : { hint };
  }
  if (action.op === 'user.set' && (errno === EPERM || errno === EACCES)) {
    const hint = whyNoRights();
    return hint === undefined ? {} : { hint };
  }
  if (action.op === 'owner.take' && errno === EINVAL) return explainNoMap('uid', `0 ${action.uid} 1`);
  if (!program) return {};
  const facts = programFacts(program.text);
  const explanation = explainProgram(facts, errno, addon.uname().machine);
  // The message has the name that was looked for, and not what was found.
  const isSearched = action.op === 'exec.find' && !action.name.includes('/');
  return isSearched && explanation.why !== undefined
    ? { ...explanation, why: `${JSON.stringify(facts.path)} is there, but ${explanation.why}` }
    : explanation;
}

/**
 * What init found, without the path that it begins with where the step's title names it: a path stands once in a line.
 * @param found "/a: is a socket", or "/a" alone
 */
function withoutSubject({ title }: FailedStep, found: string): string {
  const [subject = ''] = found.split(': ', 1);
  const isNamed = title.includes(JSON.stringify(subject)) || ` ${title} `.includes(` ${subject} `);
  return isNamed ? found.slice(subject.length + 2) : found;
}

function kindOfFile(path: string): string {
  if (path.endsWith('/ping_group_range')) return 'groups';
  if (path.startsWith('sys/')) return 'sysctl';
  return path.includes('/apparmor/') ? 'apparmor' : 'selinux';
}

/** What hints go by. */
function kindOf(action: Action): { readonly op: string; readonly type?: string } {
  const { op } = action;
  switch (op) {
    case 'procfs.write':
      return { op, type: kindOfFile(action.path) };
    case 'tree.attach':
      return action.noSymlinks ? { op, type: 'no symlinks' } : { op };
    case 'scheduler.set':
      return { op, type: action.policy === schedulerPolicies.SCHED_DEADLINE ? 'deadline' : 'other' };
    default:
      return 'type' in action ? { op, type: String(action.type) } : { op };
  }
}

function describe(step: FailedStep, errno: number, syscall: string, detail: string): Description {
  const action = step.action as Action;
  const ofMount = describeMount(step, { errno, syscall, detail });
  if (ofMount) return ofMount;
  const cause = [detail, syscall ? `${syscall}: ${errnoText(errno)}` : errnoText(errno)].filter(Boolean).join(': ');
  switch (action.op) {
    case 'exec.find':
      return missingProgram(action.name, errno);
    case 'exec':
      return { code: 'EXEC_FAILED', message: `exec ${action.args[0]}: ${errnoText(errno)}` };
    case 'hook.run':
      return failedHook(step, action.path, syscall === 'hook' ? detail : `${syscall}: ${errnoText(errno)}`);
    case 'cwd.make':
    case 'cwd.set':
    case 'cwd.retry':
      return {
        code: 'CWD_FAILED',
        message: `chdir to cwd (${JSON.stringify(action.path)}) set ${setWhere(step)} failed: ${errnoText(errno)}${detail ? ` (${detail})` : ''}`,
      };
    case 'user.set':
      return {
        code: 'USER_FAILED',
        message: `unable to ${step.title}: ${errnoText(errno)}`,
      };
    case 'ns.foreign':
      if (errno === EEXIST) return { code: 'NAMESPACE_OF_HOST', message: action.refusal };
      break;
    case 'procfs.write':
      return labelOrSysctl(action.path, action.value, errno, detail);
    default:
  }
  return { code: 'STEP_FAILED', message: `unable to ${step.title}: ${cause}` };
}

/** In exec a pointer leads into the config.json of the container, into the file of --process, or nowhere: a flag has none. */
function setWhere({ pointer }: FailedStep): string {
  if (pointer === undefined) return 'by --cwd';
  return pointer.startsWith('/process/') ? 'in config.json' : 'in the file of --process';
}

/** @param found how it ended, and what it wrote behind ", output: " */
function failedHook({ pointer = '' }: FailedStep, path: string, found: string): Description {
  const [, , kind, index] = pointer.split('/');
  const [how = '', ...output] = found.split(', output: ');
  return hookFailure({ kind: kind as HookKind, index: Number(index) }, path, how, output.join(', output: '));
}

/** The words of Go's os/exec, by which engines tell 126 from 127. */
function missingProgram(name: string, errno: number): Description {
  const quoted = JSON.stringify(name);
  // A file that is no program is passed over in the search.
  if ((errno === ENOENT || errno === EACCES) && !name.includes('/'))
    return { code: 'EXEC_NOT_FOUND', message: `exec: ${quoted}: executable file not found in $PATH` };
  if (errno === ENOENT) return { code: 'EXEC_NOT_FOUND', message: `exec: ${quoted}: stat ${name}: no such file or directory` };
  // Docker before 28 knows only the second half for status 126.
  if (errno === EISDIR) return { code: 'EXEC_NOT_EXECUTABLE', message: `exec: ${quoted}: is a directory: permission denied` };
  return { code: 'EXEC_NOT_EXECUTABLE', message: `exec: ${quoted}: ${errnoText(errno)}` };
}

function labelOrSysctl(path: string, value: string, errno: number, detail: string): Description {
  // init begins with these, which the message has.
  const said = [`${path}: "${value}"`, `${path}: `, path].find((beginning) => detail.startsWith(beginning)) ?? '';
  const found = detail.slice(said.length);
  const why = `${errnoText(errno)}${found ? ` (${found})` : ''}`;
  if (path.startsWith('sys/'))
    return { code: 'SYSCTL_FAILED', message: `unable to write ${JSON.stringify(value)} to /proc/${path}: ${why}` };
  if (value.startsWith('exec ')) {
    const profile = JSON.stringify(value.slice('exec '.length));
    return { code: 'LABEL_FAILED', message: `unable to apply apparmor profile ${profile}: write \`/proc/${path}\`: ${why}` };
  }
  return { code: 'LABEL_FAILED', message: `unable to apply the security label ${JSON.stringify(value)}: write \`/proc/${path}\`: ${why}` };
}

/** Events as the exec fifo carries them: message after message, each with the size of its text. */
export function decodeEvents(bytes: Uint8Array): InitEvent[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const events: InitEvent[] = [];
  for (let at = 0; at + EVENT_HEADER_SIZE <= bytes.length; ) {
    const { size, error, ...header } = readEventHeader(view, at);
    const text = bytes.subarray(at + EVENT_HEADER_SIZE, at + EVENT_HEADER_SIZE + size);
    events.push({ ...header, errno: error, text: new TextDecoder().decode(text).split('\0'), fds: [] });
    at += EVENT_HEADER_SIZE + size;
  }
  return events;
}
