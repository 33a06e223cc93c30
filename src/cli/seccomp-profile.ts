import { readConfig } from '../container/bundle/bundle.ts';
import { readGivenFile } from '../container/bundle/json-file.ts';
import type { Context } from '../container/context.ts';
import { RuntimeError } from '../errors.ts';
import { addon } from '../native/addon.ts';
import { exactJson } from '../spec/exact-json.ts';
import { parseJson } from '../spec/json.ts';
import type { LinuxSeccomp } from '../spec/types.ts';
import { parseSpec } from '../spec/validate.ts';
import { fromHere } from './paths.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether it is what Docker and Podman read, in which rules hang on capabilities and kernels. */
function isEnginesOwn(profile: Readonly<Record<string, unknown>>): boolean {
  const { syscalls } = profile;
  const rules: readonly unknown[] = Array.isArray(syscalls) ? syscalls : [];
  return 'archMap' in profile || rules.some((rule) => isObject(rule) && ('includes' in rule || 'excludes' in rule || 'name' in rule));
}

/** The profile of a configuration. @throws RuntimeError SECCOMP_MISSING, and what parseSpec throws */
export function profileOfConfig(path: string, text: string, { warn }: Context): LinuxSeccomp {
  const { linux } = parseSpec(text, warn);
  if (linux?.seccomp) return linux.seccomp;
  throw new RuntimeError('SECCOMP_MISSING', `${path} has no seccomp profile`, { pointer: '/linux/seccomp' });
}

function parsed(path: string, text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new RuntimeError('SECCOMP_PROFILE_UNUSABLE', `${path} is no JSON`, { cause: error });
  }
  if (isObject(value)) return value;
  throw new RuntimeError('SECCOMP_PROFILE_UNUSABLE', `${path} is no object`);
}

/**
 * A profile: a file that holds `linux.seccomp` alone or a whole configuration, or a bundle.
 * @throws RuntimeError SECCOMP_PROFILE_UNUSABLE, SECCOMP_MISSING, INVALID_SPEC
 */
export function readProfile(given: string, context: Context): LinuxSeccomp {
  const path = given === '-' ? given : fromHere(given);
  if (path !== '-' && addon.stat(path, true)?.type === 'directory') {
    return profileOfConfig(`${path}/config.json`, readConfig(`${path}/config.json`), context);
  }
  const text = readGivenFile(path, 'the profile', 'SECCOMP_PROFILE_UNUSABLE');
  const profile = parsed(given, text);
  if ('ociVersion' in profile) return profileOfConfig(given, text, context);
  if (isEnginesOwn(profile)) {
    throw new RuntimeError('SECCOMP_PROFILE_UNUSABLE', `${given} has the form that Docker and Podman read, which hangs on capabilities`, {
      hint: 'give the bundle that the engine has made of it, or its config.json',
    });
  }
  // Checked where a configuration has it, with the same findings.
  const spec = { ociVersion: '1.2.0', root: { path: 'rootfs' }, linux: { seccomp: profile } };
  return profileOfConfig(given, exactJson(spec), context);
}
