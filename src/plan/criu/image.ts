/**
 * The parts of CRIU's images that are read here (inventory.proto, pstree.proto and core.proto of its sources). A file begins with magic numbers;
 * then each entry has its size and its bytes.
 */
import { decode, type Message, type MessageFields } from './message.ts';

const COMMON_MAGIC = 0x5456_4319;

/** Their magic numbers, and the fields of their first entries. */
const images = {
  inventory: { magic: [0x5831_3116], fields: { lsmtype: { number: 6, type: 'uint32' } } },
  pstree: { magic: [COMMON_MAGIC, 0x5027_3030], fields: { pid: { number: 1, type: 'uint32' } } },
  core: {
    magic: [COMMON_MAGIC, 0x5505_3847],
    fields: { thread_core: { number: 5, type: { creds: { number: 10, type: { lsm_profile: { number: 15, type: 'string' } } } } } },
  },
} as const satisfies Readonly<Record<string, { readonly magic: readonly number[]; readonly fields: MessageFields }>>;

export type ImageName = keyof typeof images;
export type ImageEntry<N extends ImageName> = Message<(typeof images)[N]['fields']>;

/** enum lsmtype. */
export const securityModules = [undefined, 'selinux', 'apparmor'] as const;
export type SecurityModule = 'selinux' | 'apparmor';

/**
 * The first entry of an image.
 * @throws RangeError for what is no such image
 */
export function firstEntry<N extends ImageName>(name: N, bytes: Uint8Array): ImageEntry<N> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { magic, fields } = images[name];
  const start = 4 * magic.length + 4;
  if (bytes.length < start || magic.some((number, index) => view.getUint32(4 * index, true) !== number)) {
    throw new RangeError(`no image of the kind "${name}"`);
  }
  const end = start + view.getUint32(start - 4, true);
  if (end > bytes.length) throw new RangeError('the image ends in its first entry');
  return decode(fields as MessageFields, bytes.subarray(start, end)) as ImageEntry<N>;
}
