import { S_IFBLK, S_IFCHR, S_IFIFO } from '../../kernel.gen.ts';
import { parseMountOptions } from '../../spec/mounts/options.ts';
import { normalize } from '../../spec/path.ts';
import type { LinuxDevice, LinuxDeviceType } from '../../spec/types.ts';
import { unvalidated } from '../../spec/unvalidated.ts';
import { hasOwn, lacksMounts, type PlanContext } from '../context.ts';
import type { Step, Warning } from '../plan.ts';
import { capabilityBit } from '../process/capabilities.ts';
import { attachNode, canOwnNodes, type DeviceSteps, deviceStep, type Node, planNodesApart } from './device-nodes.ts';

/** Supplied to every container (config-linux.md, "Default Devices"); tty belongs to the terminal group by custom. */
const defaultDevices: readonly LinuxDevice[] = [
  { path: '/dev/null', type: 'c', major: 1, minor: 3, fileMode: 0o666 },
  { path: '/dev/zero', type: 'c', major: 1, minor: 5, fileMode: 0o666 },
  { path: '/dev/full', type: 'c', major: 1, minor: 7, fileMode: 0o666 },
  { path: '/dev/random', type: 'c', major: 1, minor: 8, fileMode: 0o666 },
  { path: '/dev/urandom', type: 'c', major: 1, minor: 9, fileMode: 0o666 },
  { path: '/dev/tty', type: 'c', major: 5, minor: 0, fileMode: 0o666 },
];

/** RTL-004 to RTL-008; /dev/core by custom of the other runtimes. */
const defaultLinks: readonly (readonly [path: string, target: string])[] = [
  ['/dev/fd', '/proc/self/fd'],
  ['/dev/stdin', '/proc/self/fd/0'],
  ['/dev/stdout', '/proc/self/fd/1'],
  ['/dev/stderr', '/proc/self/fd/2'],
  ['/dev/core', '/proc/kcore'],
];

/** Whether the host's own /dev is bound into the container; then nothing in it is ours to make. */
function bindsHostDev({ spec }: PlanContext): boolean {
  return (spec.mounts ?? []).some(
    ({ destination, options }) => normalize(`/${destination}`) === '/dev' && parseMountOptions(options ?? []).bind,
  );
}

/** Whether the runtime can make device nodes at all: not in any user namespace but the initial one (user_namespaces(7)). */
const mayMakeNodes = ({ facts }: PlanContext): boolean =>
  facts.initialUserNamespace && facts.euid === 0 && (facts.boundingCapabilities & capabilityBit('CAP_MKNOD')) !== 0n;

const fileTypes: Readonly<Record<LinuxDeviceType, number>> = { c: S_IFCHR, u: S_IFCHR, b: S_IFBLK, p: S_IFIFO };

/** The multiplexer of terminals is that of the container's own devpts, whatever linux.devices says; runc and crun do the same. */
const MULTIPLEXER = '/dev/ptmx';

interface Planned {
  readonly node: Node;
  readonly pointer: string | undefined;
}

/** Device nodes, links and ptmx. */
export function planDevices(context: PlanContext): DeviceSteps {
  if (bindsHostDev(context)) return { early: [], devices: [], warnings: [] };
  const configured = (context.linux.devices ?? []).map((device, index) => planNode(device, `/linux/devices/${index}`));
  const paths = new Set(configured.map(({ node }) => node.path));
  const defaults = defaultDevices.filter(({ path }) => !paths.has(path)).map((device) => planNode(device, undefined));
  const all = [...defaults, ...configured].filter(({ node }) => node.path !== MULTIPLEXER);
  const { early, devices, warnings } = planNodes(context, all);
  return { early, devices: [...devices, ...linkSteps(context)], warnings };
}

function planNodes(context: PlanContext, all: readonly Planned[]): DeviceSteps {
  const make = (planned: readonly Planned[]): Step[] =>
    planned.map(({ node, pointer }) => deviceStep('init', pointer, `make the device ${node.path}`, { op: 'node.make', ...node }));
  const possible = mayMakeNodes(context);
  if (possible && !hasOwn(context.linux, 'user')) return { early: [], devices: make(all), warnings: [] };
  const isFifo = ({ node }: Planned): boolean => node.type === S_IFIFO;
  const nodes = all.filter((planned) => !isFifo(planned));
  const { early, devices, warnings } = possible && canOwnNodes(context) ? planNodesApart(context, nodes) : bindHostNodes(context, nodes);
  return { early, devices: [...devices, ...make(all.filter(isFifo))], warnings };
}

function linkSteps({ spec }: PlanContext): Step[] {
  const links = defaultLinks.map(([path, target]) =>
    deviceStep('init', undefined, `link ${path} to ${target}`, { op: 'link.makeIf', path, target, condition: target }),
  );
  // What config.json mounts there stays.
  if ((spec.mounts ?? []).some(({ destination }) => normalize(`/${destination}`) === MULTIPLEXER)) return links;
  const action = { op: 'link.make', path: MULTIPLEXER, target: 'pts/ptmx', replace: true } as const;
  return [...links, deviceStep('init', undefined, 'link /dev/ptmx to pts/ptmx', action)];
}

function planNode({ path, type, major, minor, fileMode, uid, gid }: LinuxDevice, pointer: string | undefined): Planned {
  if (type !== 'p' && (major === undefined || minor === undefined)) throw unvalidated(`the device ${path} has no number`);
  const node = {
    path: normalize(path),
    type: fileTypes[type],
    major: Number(major ?? 0),
    minor: Number(minor ?? 0),
    mode: (fileMode ?? 0o666) & 0o1777,
    uid: uid ?? 0,
    gid: gid ?? 0,
  };
  return { node, pointer };
}

/** Where no node can be made, those of the host have to do, with the owner and the mode that they have. */
function bindHostNodes(context: PlanContext, nodes: readonly Planned[]): DeviceSteps {
  const slotted = nodes.map((planned) => ({ ...planned, slot: context.nextSlot() }));
  const stage = lacksMounts(context.facts) ? 'init' : 'intermediate';
  const opened = slotted.map(({ node: { path, type, major, minor }, pointer, slot }) =>
    deviceStep(stage, pointer, `open the host's ${path}`, { op: 'tree.cloneDevice', source: path, type, major, minor, slot }),
  );
  const attached = slotted.map(({ node, pointer, slot }) => attachNode(`bind the host's ${node.path}`, slot, node.path, pointer));
  return {
    early: stage === 'init' ? [] : opened,
    devices: stage === 'init' ? [...opened, ...attached] : attached,
    warnings: nodes.flatMap(lostOwner),
  };
}

/** Nodes of hosts belong to root, and everybody may read and write those that every container has. */
function lostOwner({ node: { path, mode, uid, gid }, pointer }: Planned): Warning[] {
  if (pointer === undefined || (mode === 0o666 && uid === 0 && gid === 0)) return [];
  const message = `device ${path}: it is the host's, whose owner and mode it keeps, because no other can be made here`;
  return [{ code: 'DEVICE_OF_HOST', message, pointer }];
}
