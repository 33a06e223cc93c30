import { errnoText } from '../../errno.ts';
import { RuntimeError } from '../../errors.ts';
import type { HostFacts } from '../../host/facts.ts';
import { addon } from '../../native/addon.ts';
import { failedWith, isSystemError } from '../../native/system-error.ts';
import { isUnprivileged } from '../../plan/context.ts';
import type { Warning } from '../../plan/plan.ts';
import { exactJson } from '../../spec/exact-json.ts';
import { resolveFrom } from '../../spec/path.ts';
import type { Spec } from '../../spec/types.ts';
import { parseSpec, type Warn } from '../../spec/validate.ts';
import { lacksUserNamespace, withDefaultMappings, withUserNamespace } from './default-mappings.ts';
import { readJsonFile } from './json-file.ts';

/** A bundle as it was read. */
export interface Bundle {
  /** Real absolute path. */
  readonly path: string;
  readonly spec: Spec;
  /** The configuration as it is used: the text of config.json, unless something in it had to be mended. */
  readonly text: string;
  readonly rootfs: string;
}

/** Where a bundle is: see CreateRequest. */
interface BundleRequest {
  readonly bundle: string;
  readonly configFile?: string | undefined;
  readonly configText?: string;
}

/**
 * Reads and checks a bundle (BND-001, BND-002); `warn` is told what is odd in its config.json but no error.
 * @param parse what knows some texts already, in place of parseSpec
 * @throws RuntimeError BUNDLE_MISSING, CONFIG_MISSING, CONFIG_TOO_LARGE, INVALID_JSON, INVALID_SPEC, ROOTFS_MISSING
 */
export function readBundle(
  { bundle, configFile, configText }: BundleRequest,
  warn: Warn,
  parse: (text: string, warn: Warn) => Spec = parseSpec,
): Bundle {
  const path = configText === undefined ? realBundle(bundle) : bundle;
  const text = configText ?? readConfig(configFile ?? `${path}/config.json`);
  let isLiteral = true;
  const parsed = parse(text, (warning) => {
    isLiteral = false;
    warn(warning);
  });
  const spec = isLiteral ? parsed : withDefaultMappings(parsed);
  const rootfs = resolveFrom(path, spec.root?.path ?? 'rootfs');
  return { path, spec, text: isLiteral ? text : exactJson(spec), rootfs: realRootfs(rootfs) };
}

/** The bundle for whoever is to make a container of it: with a user namespace when only that can give him the rights. */
export function bundleFor(facts: HostFacts, bundle: Bundle, warn: (warning: Warning) => void): Bundle {
  if (!isUnprivileged(facts) || !lacksUserNamespace(bundle.spec)) return bundle;
  const message = 'a user without privileges needs a user namespace: one is added, with the ids of /etc/subuid and /etc/subgid';
  warn({ code: 'USER_NAMESPACE_ADDED', message, pointer: '/linux/namespaces' });
  const spec = withUserNamespace(bundle.spec);
  return { ...bundle, spec, text: exactJson(spec) };
}

function realBundle(bundle: string): string {
  try {
    return addon.realPath(bundle);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new RuntimeError('BUNDLE_MISSING', `chdir ${bundle}: ${errnoText(error.errno)}`, { cause: error });
  }
}

/**
 * The text of a configuration.
 * @throws RuntimeError CONFIG_MISSING, CONFIG_TOO_LARGE, INVALID_JSON
 */
export function readConfig(path: string): string {
  try {
    return readJsonFile(path);
  } catch (error) {
    if (!failedWith(error, 'ENOENT')) throw error;
    const name = path.slice(path.lastIndexOf('/') + 1);
    throw new RuntimeError('CONFIG_MISSING', `JSON specification file ${name} not found: ${path}: no such file or directory`, {
      hint: 'write one with `runts spec`',
      cause: error,
    });
  }
}

function realRootfs(rootfs: string): string {
  const found = addon.stat(rootfs, true);
  if (!found)
    throw new RuntimeError('ROOTFS_MISSING', `invalid rootfs: stat ${rootfs}: no such file or directory`, { pointer: '/root/path' });
  if (found.type !== 'directory')
    throw new RuntimeError('ROOTFS_MISSING', `invalid rootfs: ${rootfs} is not a directory`, { pointer: '/root/path' });
  return addon.realPath(rootfs);
}
