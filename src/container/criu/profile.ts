import { RuntimeError } from '../../errors.ts';
import { addon } from '../../native/addon.ts';
import { isSystemError } from '../../native/system-error.ts';

/** Where AppArmor lists what is loaded: "docker-default (enforce)". */
const list = '/sys/kernel/security/apparmor/profiles';

/** None where they cannot be known. */
function loadedProfiles(): string[] {
  try {
    return [...(addon.readFileIfThere(list) ?? '').matchAll(/^(.+) \([a-z]+\)$/gm)].map(([, name = '']) => name);
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}

/** The profile that CRIU is to set, by what it calls it: "apparmor:NAME". Of stacks and other namespaces the list does not tell. */
function nameIn(label: string): string | undefined {
  const [, name] = /^apparmor:(.+)$/s.exec(label) ?? [];
  return name === 'unconfined' || name?.startsWith(':') || name?.includes('//&') ? undefined : name;
}

/**
 * CRIU finds out when the processes are there, and then waits for their end for ever: pid 1 of their namespace waits for what CRIU traces.
 * @param labels as in CRIU's option
 * @throws RuntimeError INVALID_VALUE
 */
export function requireLoadedProfiles(labels: readonly string[]): void {
  const names = labels.flatMap((label) => nameIn(label) ?? []);
  const loaded = names.length > 0 ? loadedProfiles() : [];
  const missing = names.find((name) => !loaded.includes(name));
  if (missing === undefined || loaded.length === 0) return;
  throw new RuntimeError('INVALID_VALUE', `the AppArmor profile ${JSON.stringify(missing)} is not loaded`, {
    hint: `apparmor_parser loads one, ${list} lists them`,
  });
}
