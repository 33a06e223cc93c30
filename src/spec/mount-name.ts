import type { Mount } from './types.gen.ts';

/**
 * A mount in the words of titles and errors: what is mounted, and where.
 * @param destination normalised
 */
export function mountName({ type, source }: Mount, isBind: boolean, destination: string): string {
  const what = (isBind ? undefined : type) || source || '';
  return `${what === '' ? '' : `${JSON.stringify(what)} `}on ${JSON.stringify(destination)}`;
}
