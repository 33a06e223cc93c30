import { RuntimeError } from '../../errors.ts';
import type { HostFacts } from '../../host/facts.ts';
import { labelOption } from '../../spec/mounts/filesystem-options.ts';
import type { Process, Spec } from '../../spec/types.ts';
import { requireEnforced, unenforced } from '../process/security-module.ts';
import type { SecurityModule } from './image.ts';

/** What the images say of the security modules. */
export interface SavedLabels {
  /** Whose labels they are; absent where CRIU found none, or knows none: it is built without SELinux often. */
  readonly module?: SecurityModule;
  /** Of the first process; absent of one that nothing confined. */
  readonly init?: string;
  /** Of every process. */
  readonly all: readonly string[];
}

interface Wanted {
  readonly label: string;
  readonly pointer?: string;
}

function configured(process: Process | undefined, facts: HostFacts): Wanted | undefined {
  if (process === undefined) return undefined;
  requireEnforced(process, facts, '/process');
  const { apparmorProfile, selinuxLabel } = process;
  if (apparmorProfile) return { label: `apparmor:${apparmorProfile}`, pointer: '/process/apparmorProfile' };
  return selinuxLabel ? { label: `selinux:${selinuxLabel}`, pointer: '/process/selinuxLabel' } : undefined;
}

function ofCommandLine(label: string, facts: HostFacts): Wanted {
  const missing =
    (label.startsWith('apparmor:') && !facts.apparmor && 'AppArmor') || (label.startsWith('selinux:') && !facts.selinux && 'SELinux');
  if (missing) throw unenforced(missing, `lsm-profile ${JSON.stringify(label)}`);
  return { label };
}

const advice = {
  selinux: 'a CRIU that is built with SELinux has to save and to restore it ("criu --version" does not tell; Debian\'s is not)',
  apparmor: 'leave the profile out, or start the container anew: CRIU confines only what was confined',
} as const;

/** CRIU sets no label where it has saved none, and says nothing: the process would run with whatever runts has. */
function requireSaved({ label, pointer }: Wanted, saved: SavedLabels): void {
  const [, module = '', name = ''] = /^(selinux|apparmor):(.*)$/s.exec(label) ?? [];
  if (module === '' || (saved.module === module && saved.init !== undefined)) return;
  const what = module === 'selinux' ? 'SELinux label' : 'AppArmor profile';
  throw new RuntimeError('CHECKPOINT_UNSUPPORTED', `the images hold no ${what}, so that ${JSON.stringify(name)} cannot be set`, {
    ...(pointer === undefined ? {} : { pointer }),
    hint: advice[module as SecurityModule],
  });
}

/**
 * What CRIU is told of the label of the restored processes: nothing where they had the one that the configuration names, which keeps those that have
 * changed theirs.
 * @param requested by --lsm-profile, which outweighs the configuration: "apparmor:NAME" or "selinux:CONTEXT"
 * @throws RuntimeError CHECKPOINT_UNSUPPORTED, APPARMOR_MISSING, SELINUX_MISSING
 */
export function processLabel(
  process: Process | undefined,
  facts: HostFacts,
  requested: string | undefined,
  saved: SavedLabels,
): string | undefined {
  const wanted = requested === undefined ? configured(process, facts) : ofCommandLine(requested, facts);
  if (wanted === undefined) return undefined;
  requireSaved(wanted, saved);
  if (requested === undefined && wanted.label === `${saved.module}:${saved.init}`) return undefined;
  return wanted.label;
}

/**
 * The label of new filesystems, for CRIU and for the mounts that it finds ready: CRIU changes the label of those that had one.
 * @param requested by --lsm-mount-context, which outweighs the configuration's
 */
export function mountContext(spec: Spec, requested?: string): { readonly spec: Spec; readonly lsmMountContext?: string } {
  const { mountLabel } = spec.linux ?? {};
  if (requested !== undefined) {
    return { spec: mountLabel ? { ...spec, linux: { ...spec.linux, mountLabel: requested } } : spec, lsmMountContext: requested };
  }
  const own = spec.mounts?.some(({ options }) => options?.some((option) => labelOption.test(option)));
  return { spec, ...(mountLabel && !own ? { lsmMountContext: mountLabel } : {}) };
}
