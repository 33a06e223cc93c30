import { RuntimeError } from '../../errors.ts';
import type { planExec } from '../../plan/process/exec.ts';
import { pointerParts, valueAt } from '../../spec/pointer.ts';
import type { Process } from '../../spec/types.ts';
import type { ExecRequest } from './exec-process.ts';

type ExecPlan = ReturnType<typeof planExec>;

/** Whether a flag of exec has set what a pointer into the process object leads to. */
function isFlag(pointer: string, { cwd, user, processLabel, apparmor }: ExecRequest, template: Process): boolean {
  const [member = '', part = ''] = pointerParts(pointer);
  switch (member) {
    case 'args':
    case 'terminal':
      return true;
    case 'cwd':
      return Boolean(cwd);
    case 'selinuxLabel':
      return processLabel !== undefined;
    case 'apparmorProfile':
      return apparmor !== undefined;
    case 'user':
      if (part === 'uid') return user !== undefined;
      if (part === 'gid') return user?.gid !== undefined;
  }
  // Lists begin with what the container has, and then come the flags.
  return valueAt(template, pointer) === undefined;
}

/** What a pointer into the process that exec starts is in the document that it was set in; undefined when a flag has set it. */
function originOf(pointer: string, request: ExecRequest, template: Process): string | undefined {
  // What is no member of the process is the container's.
  if (pointer.startsWith('/linux/')) return pointer;
  if (request.process) return valueAt(request.process, pointer) === undefined ? `/process${pointer}` : pointer;
  return isFlag(pointer, request, template) ? undefined : `/process${pointer}`;
}

/** Puts pointers into the process that exec starts in their documents: the file of `--process`, or the config.json of the container. */
export class Origins {
  private readonly request: ExecRequest;
  private readonly template: Process;

  /** @param template the process of the container */
  constructor(request: ExecRequest, template: Process) {
    this.request = request;
    this.template = template;
  }

  place<T extends { readonly pointer?: string }>(item: T): T {
    if (item.pointer === undefined) return item;
    const { pointer, ...rest } = item;
    const origin = originOf(pointer, this.request, this.template);
    return { ...rest, ...(origin === undefined ? {} : { pointer: origin }) } as T;
  }

  /** @throws what `plan` throws, with its pointer in place */
  plan(plan: () => ExecPlan): ExecPlan {
    try {
      const { steps, warnings } = plan();
      return { steps, warnings: warnings.map((warning) => this.place(warning)) };
    } catch (error) {
      if (!(error instanceof RuntimeError) || error.pointer === undefined) throw error;
      const { code, message, name: _name, ...details } = error;
      throw new RuntimeError(code, message, this.place({ ...details, cause: error }));
    }
  }
}
