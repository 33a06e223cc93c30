import { messageOf, RuntimeError } from '../errors.ts';
import { addon } from '../native/addon.ts';
import { isSystemError } from '../native/system-error.ts';
import { userNames } from './bundle/user-names.ts';
import type { Context } from './context.ts';
import { ids, isContainer, load } from './state/store.ts';
import { type ContainerReport, report } from './state.ts';

/** Every container of the state root, by id; directories that hold no container are passed over. */
export function list(context: Context): ContainerReport[] {
  const owners = new Owners(context);
  const reports: ContainerReport[] = [];
  for (const id of ids(context)) {
    try {
      reports.push({ ...report(context, load(context, id)), owner: owners.of(`${context.root}/${id}`) });
    } catch (error) {
      passOver(context, id, error);
    }
  }
  return reports;
}

/** One that cannot be read never hides the others. A directory without a state holds no container, or one that is just being made or deleted. */
function passOver(context: Context, id: string, error: unknown): void {
  const message = `passing over ${id}: ${messageOf(error)}`;
  if (!(error instanceof RuntimeError)) context.warn({ code: isSystemError(error) ? error.code : 'INTERNAL', message });
  else if (error.code === 'CONTAINER_UNKNOWN') context.debug(message);
  else context.warn({ code: error.code, message: error.hint === undefined ? message : `${message} (${error.hint})` });
}

/** Their ids alone, without a look at any process. */
export const listIds = (context: Context): string[] => ids(context).filter((id) => isContainer(context, id));

/** Names of users by /etc/passwd, which is read once. */
class Owners {
  private readonly context: Context;
  private names: ReadonlyMap<number, string> | undefined;

  constructor(context: Context) {
    this.context = context;
  }

  /** Name of a file's owner, "#uid" when /etc/passwd does not know it. */
  of(path: string): string {
    const { uid } = addon.stat(path, false) ?? { uid: 0 };
    this.names ??= userNames(this.text());
    return this.names.get(uid) ?? `#${uid}`;
  }

  /** Names are an ornament: a host may be without them, and whatever keeps us from reading them keeps nobody from the list. */
  private text(): string {
    try {
      return addon.readFileIfThere('/etc/passwd') ?? '';
    } catch (error) {
      this.context.warn({ code: 'OWNERS_UNKNOWN', message: `owners are shown as numbers: ${messageOf(error)}` });
      return '';
    }
  }
}
