import { RuntimeError } from '../errors.ts';

/** (uid_t)-1 means "leave it" to the kernel, so it is no id. */
const largestId = 0xfffffffe;

/**
 * A user or group id: decimal digits and nothing else. A text that is taken for another number gives away root (CVE-2026-30892).
 * @returns undefined when it is none
 */
function parseId(text: string): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,9})$/.test(text)) return undefined;
  const value = Number(text);
  return value <= largestId ? value : undefined;
}

/**
 * `uid[:gid]` of exec --user.
 * @throws RuntimeError INVALID_USER
 */
export function parseUser(text: string): { readonly uid: number; readonly gid?: number } {
  const colon = text.indexOf(':');
  const uid = parseId(colon < 0 ? text : text.slice(0, colon));
  const gid = colon < 0 ? undefined : parseId(text.slice(colon + 1));
  if (uid === undefined || (colon >= 0 && gid === undefined)) {
    throw new RuntimeError(
      'INVALID_USER',
      `invalid user ${JSON.stringify(text)}: must be <uid>[:<gid>], decimal numbers up to ${largestId}`,
    );
  }
  return gid === undefined ? { uid } : { uid, gid };
}

/**
 * One group of exec --additional-gids.
 * @throws RuntimeError INVALID_USER
 */
export function parseGroup(text: string): number {
  const gid = parseId(text);
  if (gid === undefined) {
    throw new RuntimeError('INVALID_USER', `invalid group ${JSON.stringify(text)}: must be a decimal number up to ${largestId}`);
  }
  return gid;
}
