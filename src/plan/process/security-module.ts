import { RuntimeError } from '../../errors.ts';

const codes = { AppArmor: 'APPARMOR_MISSING', SELinux: 'SELINUX_MISSING' } as const;

/**
 * The error for a label or a profile that no security module of the host would enforce: a protection that is not there is not left out
 * in silence (CFG-038, CFG-039, LNX-183).
 * @param what `mount label "a:b:c:d"`
 */
export function unenforced(module: 'AppArmor' | 'SELinux', what: string, pointer: string): RuntimeError {
  const message = `${what}: ${module.toLowerCase()} is not enabled on this host, so it would protect nothing`;
  return new RuntimeError(codes[module], message, { pointer, hint: `leave it out, or boot the host with ${module}` });
}
