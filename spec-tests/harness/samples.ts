import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle } from './bundle.ts';
import type { Json } from './recordings.ts';
import { callNumbers } from './syscalls.ts';

/**
 * Puts a recorded configuration into a bundle with the resources of this host in place of the engine's: the bundle's rootfs, files for
 * bind sources that only the engine had, new namespaces for joined ones, limits this host can give. Everything else stays as recorded.
 */
export function adopt(sample: Json, bundle: Bundle, program: readonly string[]): void {
  const marks = bundle.config.process.env;
  sample.root.path = 'rootfs';
  sample.process.args = [...program];
  sample.process.terminal = false;
  sample.process.env = [...sample.process.env, ...marks];
  sample.hooks = undefined;
  sample.linux.cgroupsPath = `/${bundle.id}`;
  for (const namespace of sample.linux.namespaces) delete namespace.path;
  for (const [index, mount] of (sample.mounts ?? []).entries()) standIn(mount, join(bundle.directory, `source-${index}`));
  for (const limit of sample.process.rlimits ?? []) limitToHost(limit);
  const root = sample.linux.uidMappings?.find((mapping: Json) => mapping.containerID === 0)?.hostID;
  // As engines do; only directories, because the programs are hard links that other tests share.
  if (root !== undefined) execFileSync('find', [bundle.rootfs, '-type', 'd', '-exec', 'chown', `${root}:${root}`, '{}', '+']);
  completeFilter(sample.linux.seccomp);
  if ((sample.process.oomScoreAdj ?? 0) < 0) sample.process.oomScoreAdj = 0;
  Object.assign(bundle.config, sample);
}

/** The recordings cut the long list of allowed calls: every call that no other rule names takes the place of the rest. */
function completeFilter(seccomp: Json): void {
  const rules: Json[] = seccomp?.syscalls ?? [];
  const allowed = rules.find((rule) => rule.action === 'SCMP_ACT_ALLOW' && !rule.args?.length);
  if (seccomp?.defaultAction === 'SCMP_ACT_ALLOW' || allowed === undefined) return;
  const named = new Set(rules.flatMap((rule) => rule.names));
  for (const name of callNumbers.keys()) {
    if (!named.has(name)) allowed.names.push(name);
  }
}

/** A bind source the host does not have: engines bind files only on names with a dot, and the three well-known ones. */
function standIn(mount: Json, path: string): void {
  const bind = (mount.options ?? []).some((option: string) => /^r?bind$/.test(option));
  if (!bind || existsSync(mount.source)) return;
  const isFile = /\/(hostname|hosts|resolv\.conf|\.containerenv|termination-log)$|\.[a-z]+$/.test(mount.destination);
  if (isFile) writeFileSync(path, '');
  else mkdirSync(path);
  mount.source = path;
}

function limitToHost(limit: Json): void {
  const name = { RLIMIT_NOFILE: 'Max open files', RLIMIT_NPROC: 'Max processes' }[limit.type as string];
  const line = readFileSync('/proc/self/limits', 'utf8')
    .split('\n')
    .find((entry) => name !== undefined && entry.startsWith(name));
  const most = Number(line?.trim().split(/\s{2,}/)[2] ?? Number.POSITIVE_INFINITY);
  limit.hard = Math.min(limit.hard, most);
  limit.soft = Math.min(limit.soft, most);
}
