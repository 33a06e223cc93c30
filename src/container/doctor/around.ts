import { type Check, isPrivileged, type Machine } from './check.ts';

/** What engines and pods leave in their containers: a file, and who it speaks of. */
const marks = [
  ['/run/.containerenv', 'Podman'],
  ['/.dockerenv', 'Docker'],
  ['/run/secrets/kubernetes.io', 'Kubernetes'],
] as const;

function outerContainer({ read, exists }: Machine): string | undefined {
  const named = read('/run/systemd/container') ?? /(?:^|\0)container=([^\0]*)/.exec(read('/proc/1/environ') ?? '')?.[1];
  const engine = /^engine="(.*)"$/m.exec(read('/run/.containerenv') ?? '')?.[1];
  const found = engine ?? (named === '' ? undefined : named) ?? marks.find(([path]) => exists(path))?.[1];
  const points = (read('/proc/self/mountinfo') ?? '').split('\n').map((line) => line.split(' ')[4]);
  return found ?? (points.includes('/') ? undefined : 'a chroot');
}

/** By what hypervisors say of themselves (dmi, xen, cpuid). */
function virtualMachine({ read, release }: Machine): string | undefined {
  if (/^vendor_id\s*: User Mode Linux$/m.test(read('/proc/cpuinfo') ?? '')) return 'User Mode Linux';
  if (/microsoft/i.test(release)) return 'WSL';
  const named = [read('/sys/class/dmi/id/sys_vendor'), read('/sys/class/dmi/id/product_name')].filter(Boolean).join(' ');
  const known =
    /QEMU|KVM|VMware|VirtualBox|innotek|Xen|Microsoft Corporation Virtual|Amazon EC2|Google Compute|Bochs|Parallels|OpenStack|Firecracker/i;
  if (known.test(named)) return named;
  const xen = read('/sys/hypervisor/type');
  if (xen !== undefined && xen !== '') return xen;
  return /^flags\s*:.*\bhypervisor\b/m.test(read('/proc/cpuinfo') ?? '') ? 'an unnamed hypervisor' : undefined;
}

export function aroundChecks(machine: Machine): Check[] {
  const why = 'what is around may forbid what the kernel could do';
  const topic = 'Nesting';
  const container = outerContainer(machine);
  const mend =
    container === undefined || isPrivileged(machine) ? {} : { mend: 'docs/nesting.md: what the outer container has to be given' };
  const namespace = machine.facts.initialUserNamespace ? '' : '; in a user namespace';
  return [
    { topic, subject: 'container', state: 'note', found: `${container ?? 'none is known of'}${namespace}`, why, ...mend },
    {
      topic,
      subject: 'virtual machine',
      state: 'note',
      found: virtualMachine(machine) ?? 'none is known of',
      why: 'devices and features of the processor are those that it shows',
    },
  ];
}
