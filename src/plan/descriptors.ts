import type { Process } from '../spec/types.ts';
import type { Step } from './plan.ts';
import type { Action } from './wire/ops.ts';
import type { InitStage } from './wire/places.ts';

const TYPE = 'RLIMIT_NOFILE';
/** What init has open at the most besides sources: standard streams, its socket, what it looks at, the mounts that later steps work on. */
const OWN_DESCRIPTORS = 64;
/** So many sources need no room of their own: no limit is that low. */
const FEW_SOURCES = 16;
/** What is open when init waits for `start`, and one more: with less it could not open the exec fifo. */
const LEAST_FOR_START = 8;

/**
 * The limit on descriptors, which is the container's only when nothing is opened any more: the sources of a user namespace are all open at
 * once, and the limit of the process may be lower than what it takes to make the container.
 */
export class DescriptorLimit {
  /** Index among the rlimits; -1 when they have none that can be deferred. */
  readonly index: number;
  private readonly process: Process | undefined;
  private readonly preserve: number;
  private readonly pointer: string;
  private readonly sources: number;

  /** @param sources number of descriptors that are open when the user namespace is entered */
  constructor(process: Process | undefined, pointer: string, preserve: number, sources: number) {
    this.process = process;
    this.pointer = pointer;
    this.preserve = preserve;
    this.sources = sources;
    // The kernel refuses a soft limit above the hard one, and should do so at once.
    this.index = (process?.rlimits ?? []).findLastIndex(({ type, soft, hard }) => type === TYPE && BigInt(soft) <= BigInt(hard));
  }

  /** Where the runtime's rights still hold, and before anything is opened. */
  allow(): Step[] {
    if (this.index < 0 && this.sources <= FEW_SOURCES) return [];
    const count = OWN_DESCRIPTORS + this.preserve + this.sources;
    const hard = BigInt(this.given?.hard ?? 0);
    return [this.step('intermediate', `allow ${count} descriptors while the process is made`, { op: 'descriptors.allow', count, hard })];
  }

  /** When nothing is opened any more. */
  limit(): Step[] {
    const { given } = this;
    if (given) {
      const action = { op: 'descriptors.limit', restore: false, soft: BigInt(given.soft), hard: BigInt(given.hard) } as const;
      return [this.step('init', `limit ${TYPE} to ${given.soft}, at most ${given.hard}`, action)];
    }
    if (this.sources <= FEW_SOURCES) return [];
    return [this.step('init', `limit ${TYPE} as before`, { op: 'descriptors.limit', restore: true, soft: 0n, hard: 0n })];
  }

  /** Whether init can open the exec fifo within the limit. */
  get leavesRoomForStart(): boolean {
    return !this.given || BigInt(this.given.soft) >= BigInt(LEAST_FOR_START + this.preserve);
  }

  private get given() {
    return this.process?.rlimits?.[this.index];
  }

  private step(stage: InitStage, title: string, action: Action): Step {
    const pointer = this.index < 0 ? {} : { pointer: `${this.pointer}/rlimits/${this.index}` };
    return { chapter: 'Process', ...pointer, title, stage, action };
  }
}

/** How many slots the steps fill. */
export const slotsOf = (steps: readonly Step[]): number =>
  new Set(steps.flatMap(({ action }) => ('slot' in action ? [action.slot] : []))).size;
