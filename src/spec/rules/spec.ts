import type { Report } from '../findings.ts';
import type { Spec } from '../types.gen.ts';
import { checkDevices } from './devices.ts';
import { checkHooks } from './hooks.ts';
import { checkLinux } from './linux.ts';
import { checkMounts } from './mounts.ts';
import { checkNamespaces } from './namespaces.ts';
import { checkProcess } from './process.ts';
import { checkResources } from './resources.ts';
import { checkTop } from './root.ts';
import { checkSeccomp } from './seccomp.ts';
import { checkSysctl } from './sysctl.ts';
import { checkUserIds } from './user-ids.ts';

/** Every rule that a schema cannot express, over a configuration that fits the schema. */
export function checkSpec(spec: Spec, report: Report): void {
  checkTop(spec, report);
  if (spec.process !== undefined) checkProcess(spec.process, '/process', report);
  checkMounts(spec, report);
  checkHooks(spec.hooks, report);
  const { linux } = spec;
  if (linux === undefined) return;
  checkNamespaces(linux, report);
  checkUserIds(spec, report);
  checkDevices(linux, report);
  checkResources(linux.resources, '/linux/resources', true, report);
  checkSysctl(linux, report);
  checkSeccomp(linux.seccomp, report);
  checkLinux(linux, report);
}
