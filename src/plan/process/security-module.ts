import { RuntimeError } from '../../errors.ts';
import type { HostFacts } from '../../host/facts.ts';
import type { Process } from '../../spec/types.ts';
import type { Step } from '../plan.ts';
import { slots } from '../wire/places.ts';
import type { MakeStep, ProcessRequest } from './request.ts';

const codes = { AppArmor: 'APPARMOR_MISSING', SELinux: 'SELINUX_MISSING' } as const;

/**
 * The error for a label or a profile that no security module of the host would enforce: a protection that is not there is not left out
 * in silence (CFG-038, CFG-039, LNX-183).
 * @param what `mount label "a:b:c:d"`
 * @param pointer absent of what the command line names
 */
export function unenforced(module: 'AppArmor' | 'SELinux', what: string, pointer?: string): RuntimeError {
  const message = `${what}: ${module.toLowerCase()} is not enabled on this host, so it would protect nothing`;
  return new RuntimeError(codes[module], message, {
    ...(pointer === undefined ? {} : { pointer }),
    hint: `leave it out, or boot the host with ${module}`,
  });
}

/**
 * @param pointer of the process
 * @throws RuntimeError APPARMOR_MISSING, SELINUX_MISSING
 */
export function requireEnforced({ apparmorProfile, selinuxLabel }: Process, facts: HostFacts, pointer: string): void {
  if (apparmorProfile && !facts.apparmor)
    throw unenforced('AppArmor', `apparmor profile ${JSON.stringify(apparmorProfile)}`, `${pointer}/apparmorProfile`);
  if (selinuxLabel && !facts.selinux)
    throw unenforced('SELinux', `selinux label ${JSON.stringify(selinuxLabel)}`, `${pointer}/selinuxLabel`);
}

/** Security labels of the next execve; a label the kernel cannot honour is an error, never silence. */
export function labelSteps({ process, pointer, facts }: ProcessRequest, step: MakeStep): Step[] {
  requireEnforced(process, facts, pointer);
  const steps: Step[] = [];
  if (process.apparmorProfile) {
    const value = `exec ${process.apparmorProfile}`;
    steps.push(
      step(
        `confine by the AppArmor profile ${process.apparmorProfile}`,
        { op: 'procfs.write', slot: slots.procfs, path: 'thread-self/attr/apparmor/exec', value },
        '/apparmorProfile',
      ),
    );
  }
  if (process.selinuxLabel) {
    steps.push(
      step(
        `label the process ${process.selinuxLabel}`,
        { op: 'procfs.write', slot: slots.procfs, path: 'thread-self/attr/exec', value: process.selinuxLabel },
        '/selinuxLabel',
      ),
    );
  }
  return steps;
}
