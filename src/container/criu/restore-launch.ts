import type { CriuProgram } from '../../plan/criu/launch.ts';
import type { Launch } from '../../plan/criu/restore.ts';
import type { Context } from '../context.ts';
import { criuStage } from '../state/store.ts';
import { imageTree } from './image-chain.ts';
import { type CriuPaths, realDirectories, realPath } from './images.ts';

/** What is on every host that has shared memory, and holds nothing that CRIU looks for. */
const sharedMemory = '/dev/shm';

/** How CRIU is started for a restore from images that are there. */
export function restoreLaunch(context: Context, id: string, program: CriuProgram, paths: CriuPaths): Launch {
  const { images, work } = realDirectories(paths);
  return {
    program,
    stage: criuStage(context, id),
    publicStage: realPath(sharedMemory),
    places: { images: imageTree(images), ...(work === undefined ? {} : { work }) },
  };
}

/** The same for a plan that nobody carries out: where CRIU and the images are is not known. */
export const imaginedLaunch = (context: Context, id: string): Launch => ({
  program: { path: 'criu', environment: [] },
  stage: criuStage(context, id),
  publicStage: sharedMemory,
  places: { images: { tree: 'checkpoint', below: '' } },
});
