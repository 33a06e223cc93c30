import { CLONE_NEWUSER, MOUNT_ATTR_IDMAP, MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NOSUID } from '../../kernel.gen.ts';
import { namespacePath, type PlanContext } from '../context.ts';
import { isAtLeast } from '../kernel-release.ts';
import { setAttributes } from '../mounts/attributes.ts';
import { hostId } from '../namespaces/idmap.ts';
import type { Step, Warning } from '../plan.ts';
import type { Action } from '../wire/ops.ts';
import type { InitStage } from '../wire/places.ts';

const chapter = 'Devices';

/** What mknodat(2) and fchownat(2) take; the owner is the container's idea of it. */
export interface Node {
  readonly path: string;
  readonly type: number;
  readonly major: number;
  readonly minor: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Steps of all devices, split by when they may run. */
export interface DeviceSteps {
  /** Before the user namespace is entered. */
  readonly early: readonly Step[];
  readonly devices: readonly Step[];
  readonly warnings: readonly Warning[];
}

export function deviceStep(stage: InitStage, pointer: string | undefined, title: string, action: Action): Step {
  return { chapter, ...(pointer === undefined ? {} : { pointer }), title, stage, action };
}

/** Whether the ids of a user namespace can be given to nodes: those of one that is joined are known to the kernel alone, which maps a tmpfs since 6.3. */
export function canOwnNodes({ linux, facts }: PlanContext): boolean {
  return namespacePath(linux, 'user') === '' || isAtLeast(facts.kernel, [6, 3]);
}

/**
 * Nodes for a container with a user namespace, in which mknod(2) is refused and the nodes of a filesystem made there do not open. They
 * are made before it is entered, in a tmpfs of their own that is never attached where others see it, and bound to their places one by one.
 */
export function planNodesApart(
  context: PlanContext,
  nodes: readonly { readonly node: Node; readonly pointer: string | undefined }[],
): DeviceSteps {
  if (nodes.length === 0) return { early: [], devices: [], warnings: [] };
  const filesystem = context.nextSlot();
  const warnings: Warning[] = [];
  const prepared = nodes.map(({ node, pointer }, index) => {
    const { path, ...rest } = node;
    const action = {
      op: 'node.prepare',
      slot: filesystem,
      name: String(index),
      ...rest,
      ...ownerOnHost(context, node, pointer, warnings),
    } as const;
    return deviceStep('intermediate', pointer, `make the device ${path}`, action);
  });
  const bound = nodes.flatMap(({ node, pointer }, index) => bindNode(context, filesystem, String(index), node.path, pointer));
  return {
    early: [makeFilesystem(context, filesystem), ...prepared, ...mapOwners(context, filesystem)],
    devices: [
      deviceStep('init', undefined, 'mount the devices where nobody looks', { op: 'tree.cover', slot: filesystem }),
      ...bound,
      deviceStep('init', undefined, 'take that mount away', { op: 'tree.uncover', slot: filesystem }),
    ],
    warnings,
  };
}

function makeFilesystem({ linux }: PlanContext, slot: number): Step {
  const options = ['mode=0711', ...(linux.mountLabel ? [`context=${linux.mountLabel}`] : [])];
  const attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
  return deviceStep('intermediate', undefined, 'make a filesystem for the devices', {
    op: 'fs.mount',
    type: 'tmpfs',
    source: 'tmpfs',
    options,
    attributes,
    slot,
  });
}

/** In a namespace that is joined the mount maps the owners, so that they are those of the container already. */
function ownerOnHost(
  { linux }: PlanContext,
  { path, uid, gid }: Node,
  pointer: string | undefined,
  warnings: Warning[],
): { readonly uid: number; readonly gid: number } {
  if (namespacePath(linux, 'user') !== '') return { uid, gid };
  const [hostUid, hostGid] = [hostId(linux.uidMappings, uid), hostId(linux.gidMappings, gid)];
  if (hostUid === undefined || hostGid === undefined) {
    const message = `device ${path}: the user namespace has no user ${uid} or no group ${gid}, it will belong to nobody`;
    warnings.push({ code: 'DEVICE_OWNER_UNMAPPED', message, ...(pointer === undefined ? {} : { pointer }) });
  }
  return { uid: hostUid ?? 0, gid: hostGid ?? 0 };
}

function mapOwners({ linux, nextSlot }: PlanContext, filesystem: number): Step[] {
  const path = namespacePath(linux, 'user');
  if (!path) return [];
  const slot = nextSlot();
  return [
    deviceStep('intermediate', '/linux/namespaces', `open the user namespace ${path} for the owners of devices`, {
      op: 'ns.open',
      path,
      type: CLONE_NEWUSER,
      slot,
    }),
    deviceStep(
      'intermediate',
      undefined,
      'map the owners of devices',
      setAttributes(filesystem, { set: MOUNT_ATTR_IDMAP, userNamespace: slot }),
    ),
  ];
}

function bindNode({ nextSlot }: PlanContext, filesystem: number, name: string, path: string, pointer: string | undefined): Step[] {
  const slot = nextSlot();
  return [
    deviceStep('init', pointer, `take the device for ${path}`, { op: 'tree.cloneFile', filesystem, name, slot }),
    attachNode(`bind the device ${path}`, slot, path, pointer),
  ];
}

export function attachNode(title: string, slot: number, path: string, pointer: string | undefined): Step {
  const action = { op: 'tree.attach', slot, destination: path, noSymlinks: false, inheritMode: false, onProc: false, keep: false } as const;
  return deviceStep('init', pointer, title, action);
}
