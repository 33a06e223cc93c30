import { type Finding, Report } from './findings.ts';
import { checkLinux } from './rules/linux.ts';
import { checkTop } from './rules/root.ts';
import { checkSysctl } from './rules/sysctl.ts';
import type { LinuxNamespaceType, Spec } from './types.gen.ts';

/**
 * What a configuration changes in its namespace of this type, as the finding that there would be without one: where the path of that
 * namespace leads to the runtime's own, it is the host that would be changed.
 */
export function hostChange(spec: Spec, type: LinuxNamespaceType): Finding | undefined {
  const linux = { ...spec.linux, namespaces: (spec.linux?.namespaces ?? []).filter((namespace) => namespace.type !== type) };
  const report = new Report();
  checkTop({ ...spec, linux }, report);
  checkSysctl(linux, report);
  checkLinux(linux, report);
  const change = report.problems.find(({ code }) => code === 'NEEDS_NAMESPACE');
  if (change !== undefined || type !== 'mount') return change;
  const message = 'unable to change the root filesystem without a private MNT namespace';
  return { severity: 'error', pointer: '/root', code: 'NEEDS_NAMESPACE', message };
}
