import { capabilityNumbers } from '../../kernel.gen.ts';
import { didYouMean } from '../../spec/suggest.ts';
import type { LinuxCapabilities } from '../../spec/types.ts';
import type { Warning } from '../plan.ts';

export type CapabilityName = keyof typeof capabilityNumbers;

/** Names in the order of their numbers. */
export const capabilityNames = Object.keys(capabilityNumbers) as CapabilityName[];

/** The bit of a capability in a set of them. */
export const capabilityBit = (name: CapabilityName): bigint => 1n << BigInt(capabilityNumbers[name]);

export interface CapabilitySets {
  readonly bounding: bigint;
  readonly effective: bigint;
  readonly permitted: bigint;
  readonly inheritable: bigint;
  readonly ambient: bigint;
}

const numberOf = new Map<string, number>(Object.entries(capabilityNumbers));

/**
 * The five sets as bit masks. Names that do not exist, and capabilities that the runtime cannot grant, become one warning each (CFG-046);
 * ambient keeps only what is also permitted and inheritable, which the kernel demands (capabilities(7)).
 */
export function capabilitySets(
  capabilities: LinuxCapabilities,
  grantable: bigint,
  pointer: string,
): { readonly sets: CapabilitySets; readonly warnings: readonly Warning[] } {
  const warnings: Warning[] = [];
  // A name that is in one set is in most of them.
  const ignored = new Set<string>();
  const mask = (set: keyof LinuxCapabilities): bigint => {
    let bits = 0n;
    (capabilities[set] ?? []).forEach((name, index) => {
      const number = numberOf.get(name);
      const bit = number === undefined ? 0n : 1n << BigInt(number);
      if ((bit & grantable) === 0n) {
        if (ignored.has(name)) return;
        ignored.add(name);
        const why = number === undefined ? 'is not a known capability' : 'is not in the bounding set of the runtime';
        const message = `ignoring unknown or unavailable capabilities: [${name}]: it ${why}`;
        const hint = number === undefined ? didYouMean(name, capabilityNames) : undefined;
        const at = `${pointer}/${set}/${index}`;
        warnings.push({ code: 'CAPABILITY_IGNORED', message, pointer: at, ...(hint === undefined ? {} : { hint }) });
      } else bits |= bit;
    });
    return bits;
  };
  const bounding = mask('bounding');
  const permitted = mask('permitted');
  const effective = mask('effective') & permitted;
  const inheritable = mask('inheritable');
  const wanted = mask('ambient');
  const ambient = wanted & permitted & inheritable;
  (capabilities.ambient ?? []).forEach((name, index) => {
    const bit = 1n << BigInt(numberOf.get(name) ?? 64);
    if ((bit & wanted & ~ambient) === 0n) return;
    const message = `can't raise ambient capability ${name}: operation not permitted: it is not permitted and inheritable too`;
    warnings.push({ code: 'AMBIENT_CAPABILITY_IGNORED', message, pointer: `${pointer}/ambient/${index}` });
  });
  return { sets: { bounding, effective, permitted, inheritable, ambient }, warnings };
}
