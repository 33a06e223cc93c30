import { addon } from '../../native/addon.ts';

/** A network device as it was, and what it is called in the container. */
export interface MovedNetDevice {
  readonly name: string;
  readonly up: boolean;
  readonly nameInside: string;
  /** Open file of the container's network namespace: with the namespace, virtual devices would end. */
  readonly namespace: number;
}

/** Moves a device into the network namespace of `pid` (LNX-047 to LNX-054). */
export function moveNetDevice({ name, newName }: { readonly name: string; readonly newName: string }, pid: number): MovedNetDevice {
  const { up } = addon.netDevice(name);
  const namespace = addon.open(`/proc/${pid}/ns/net`, 0, 0);
  try {
    return { name, up, nameInside: addon.moveNetDevice(name, newName, pid), namespace };
  } catch (error) {
    addon.close(namespace);
    throw error;
  }
}

/** Undoes the moves of a create that failed. Every device is tried; @throws the first failure */
export function returnNetDevices(devices: readonly MovedNetDevice[]): void {
  const failures: unknown[] = [];
  for (const { name, up, nameInside, namespace } of [...devices].reverse()) {
    try {
      addon.returnNetDevice(nameInside, name, namespace, up);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
