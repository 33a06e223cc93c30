import { RuntimeError } from '../../errors.ts';
import type { HostFacts } from '../../host/facts.ts';
import { labelOption } from '../../spec/mounts/filesystem-options.ts';
import type { Process, Spec } from '../../spec/types.ts';
import { requireEnforced, unenforced } from '../process/security-module.ts';
import type { SecurityModule } from './image.ts';

/** What the images say of the security modules, as CRIU's option writes it: "apparmor:NAME" or "selinux:CONTEXT". */
export interface SavedLabels {
  /** Of the first process; absent of one that nothing confined, and where CRIU knows nothing of labels: it is built without SELinux often. */
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

const modules = {
  selinux: {
    name: 'SELinux',
    what: 'SELinux label',
    advice: 'a CRIU that is built with SELinux has to save and to restore it ("criu --version" does not tell; Debian\'s is not)',
  },
  apparmor: {
    name: 'AppArmor',
    what: 'AppArmor profile',
    advice: 'leave the profile out, or start the container anew: CRIU confines only what was confined',
  },
} as const;

/** The two parts of a label; undefined for what names no module. */
function partsOf(label: string): { readonly module: SecurityModule; readonly value: string } | undefined {
  const [, module, value = ''] = /^(selinux|apparmor):(.*)$/s.exec(label) ?? [];
  return module === undefined ? undefined : { module: module as SecurityModule, value };
}

function ofCommandLine(label: string, facts: HostFacts): Wanted {
  const { module } = partsOf(label) ?? {};
  if (module !== undefined && !facts[module]) throw unenforced(modules[module].name, `lsm-profile ${JSON.stringify(label)}`);
  return { label };
}

/** CRIU sets no label where it has saved none, and says nothing: the process would run with whatever runts has. */
function requireSaved({ label, pointer }: Wanted, { init }: SavedLabels): void {
  const { module, value } = partsOf(label) ?? {};
  if (module === undefined || init?.startsWith(`${module}:`)) return;
  const { what, advice } = modules[module];
  throw new RuntimeError('CHECKPOINT_UNSUPPORTED', `the images hold no ${what}, so that ${JSON.stringify(value)} cannot be set`, {
    ...(pointer === undefined ? {} : { pointer }),
    hint: advice,
  });
}

/**
 * What CRIU is told of the label of the restored processes: nothing where they had the one that the configuration names, which keeps those that have
 * changed theirs.
 * @param requested by --lsm-profile, which outweighs the configuration
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
  return requested === undefined && wanted.label === saved.init ? undefined : wanted.label;
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
