import { addon } from '../native/addon.ts';
import { smallestProfile } from '../spec/seccomp/recording.ts';
import type { LinuxSeccomp, Spec } from '../spec/types.ts';
import type { Context } from './context.ts';
import type { CreateRequest } from './init/created.ts';
import { Recorder } from './process/recorder.ts';
import { run } from './run.ts';

const MOST_NAMELESS = 10;

/** A container that has run, and the smallest profile with which it can do so again. */
export interface RecordedContainer {
  /** As `run` has it. */
  readonly status: number;
  readonly profile: LinuxSeccomp;
}

/**
 * run in the foreground, with a record of the system calls that the container's processes make, also those of exec.
 * @throws RuntimeError what run throws, PROCESS_MISSING, SECCOMP_UNRECORDABLE, SECCOMP_RECORDING_FAILED
 */
export function record(context: Context, request: CreateRequest): RecordedContainer {
  const { machine } = addon.uname();
  const recorder = new Recorder(machine);
  let own: Spec | undefined;
  const adapted: Recorder['adapted'] = (bundle) => {
    own = bundle.spec;
    return recorder.adapted(bundle);
  };
  try {
    const traced = { adapted, begin: recorder.begin, attach: recorder.attach };
    const status = run(context, { ...request, detach: false, keep: false, noSubreaper: false, recorder: traced });
    const { calls, isCut } = recorder.finish();
    const noNewPrivileges = own?.process?.noNewPrivileges === true;
    const { profile, nameless } = smallestProfile({ calls, own: own?.linux?.seccomp, machine, noNewPrivileges });
    tellOfNameless(context, nameless, isCut);
    return { status, profile };
  } finally {
    recorder.close();
  }
}

function tellOfNameless(context: Context, nameless: readonly string[], isCut: boolean): void {
  if (nameless.length === 0) return;
  const rest = nameless.length - MOST_NAMELESS;
  const more = rest > 0 || isCut ? ` and ${isCut ? 'more' : rest}` : '';
  const message = `the profile is without calls that no name is known of: ${nameless.slice(0, MOST_NAMELESS).join(', ')}${more}`;
  context.warn({ code: 'SECCOMP_NAMELESS_CALLS', message });
}
