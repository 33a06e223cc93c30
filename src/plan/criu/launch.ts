import { CLONE_NEWNS, MS_SLAVE } from '../../kernel.gen.ts';
import type { Step } from '../plan.ts';
import type { Action } from '../wire/ops.ts';
import { slots, syncPoints } from '../wire/places.ts';

const chapter = 'CRIU';

/** Number of the first descriptor that CRIU gets; below lie its standard streams and what init needs to the end. */
export const firstPassed = 10;

/** The program that saves and restores processes, and how it is started. */
export interface CriuProgram {
  /** Absolute path. */
  readonly path: string;
  readonly environment: readonly string[];
}

export const criuStep = (title: string, action: Action): Step => ({ chapter, title, stage: 'init', action });

/** Where CRIU works, and what is mounted for it is seen by nobody else. */
export const ownMountNamespace = criuStep('create a mount namespace for CRIU', { op: 'ns.unshare', flags: CLONE_NEWNS });

export const cutFromHost = criuStep("cut this mount namespace from the host's propagation", {
  op: 'root.propagation',
  propagation: MS_SLAVE,
  recursive: true,
});

/**
 * Init becomes CRIU, which serves one connection.
 * @param passed slots of descriptors that come after the socket of that connection
 */
export function planLaunch({ path, environment }: CriuProgram, passed: readonly number[] = []): Step[] {
  return [
    criuStep('wait for the connection to CRIU', { op: 'sync', point: syncPoints.staged }),
    criuStep('keep the descriptors that CRIU gets', { op: 'descriptors.pass', slots: [slots.criuSocket, ...passed], first: firstPassed }),
    criuStep(`find ${JSON.stringify(path)}`, { op: 'exec.find', name: path, path: '' }),
    criuStep(`execute ${JSON.stringify(path)}`, { op: 'exec', args: [path, 'swrk', String(firstPassed)], env: [...environment] }),
  ];
}
