import { MS_PRIVATE } from '../../kernel.gen.ts';
import { parseMountOptions } from '../../spec/mounts/options.ts';
import type { Linux } from '../../spec/types.ts';
import { isNew, type PlanContext } from '../context.ts';
import { setAttributes } from '../mounts/attributes.ts';
import type { IdMappings } from '../namespaces/idmap.ts';
import type { Step } from '../plan.ts';
import { criuStep } from './launch.ts';

/** Real paths of the directories of the host that CRIU works with. */
export interface CriuPlaces {
  /** Images, which lie `below` a directory in which those are as well that they refer to. */
  readonly images: { readonly tree: string; readonly below: string };
  /** Absent: it works among the images. */
  readonly work?: string;
}

/** The same as CRIU sees them. */
export interface SeenDirectories {
  readonly images: string;
  readonly work?: string;
}

/** What leads CRIU to its directories. */
export interface DirectorySteps {
  readonly steps: readonly Step[];
  /** Slots of the mounts that are staged with those of the container. */
  readonly slots: readonly number[];
  readonly seen: SeenDirectories;
}

const asTheyAre = ({ images: { tree, below }, work }: CriuPlaces): SeenDirectories => ({
  images: tree + below,
  ...(work === undefined ? {} : { work }),
});

/**
 * In a user namespace the container's root reads the images, which are root's on the host: he gets a mount of them on which they are his.
 * CRIU itself, whose ids that mount does not know, works on another.
 */
export function planDirectories(context: PlanContext, linux: Linux, places: CriuPlaces, stage: string, ids: IdMappings): DirectorySteps {
  const seen = asTheyAre(places);
  if (!isNew(linux, 'user')) return { steps: [], slots: [], seen };
  const { uidMappings = [], gidMappings = [] } = linux;
  const { images } = places;
  const { work = seen.images } = seen;
  const [imageSlot, workSlot] = [context.nextSlot(), context.nextSlot()];
  const item = {
    mount: { destination: '', uidMappings, gidMappings },
    options: parseMountOptions([]),
    pointer: '/linux/uidMappings',
    name: `the images in ${JSON.stringify(images.tree)}`,
  };
  const clone = (source: string, slot: number): Step[] => [
    criuStep(`open ${JSON.stringify(source)}`, { op: 'tree.clone', source, recursive: false, noFollow: false, slot }),
    criuStep(`cut ${JSON.stringify(source)} from the host's propagation`, setAttributes(slot, { propagation: MS_PRIVATE })),
  ];
  return {
    steps: [...clone(images.tree, imageSlot), ...ids.map(item, imageSlot, 'init'), ...clone(work, workSlot)],
    slots: [imageSlot, workSlot],
    seen: { images: `${stage}/directory0${images.below}`, work: `${stage}/directory1` },
  };
}
