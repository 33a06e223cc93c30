/**
 * The parts of CRIU's images that are read here (inventory.proto, pstree.proto, core.proto and mnt.proto of its sources). A file begins with magic numbers;
 * then each entry has its size and its bytes.
 */
import { decode, type Message, type MessageFields } from './message.ts';

const COMMON_MAGIC = 0x5456_4319;

/** Their magic numbers, and fields of their entries. */
const images = {
  inventory: { magic: [0x5831_3116], fields: { lsmtype: { number: 6, type: 'uint32' } } },
  pstree: { magic: [COMMON_MAGIC, 0x5027_3030], fields: { pid: { number: 1, type: 'uint32' } } },
  core: {
    magic: [COMMON_MAGIC, 0x5505_3847],
    fields: { thread_core: { number: 5, type: { creds: { number: 10, type: { lsm_profile: { number: 15, type: 'string' } } } } } },
  },
  mountpoints: {
    magic: [COMMON_MAGIC, 0x5556_3928],
    fields: { shared_id: { number: 10, type: 'uint32' }, master_id: { number: 11, type: 'uint32' } },
  },
} as const satisfies Readonly<Record<string, { readonly magic: readonly number[]; readonly fields: MessageFields }>>;

export type ImageName = keyof typeof images;
export type ImageEntry<N extends ImageName> = Message<(typeof images)[N]['fields']>;

/** enum lsmtype. */
export const securityModules = [undefined, 'selinux', 'apparmor'] as const;
export type SecurityModule = 'selinux' | 'apparmor';

/**
 * The entries of an image, `most` of them.
 * @throws RangeError for what is no such image
 */
export function entries<N extends ImageName>(name: N, bytes: Uint8Array, most = Number.POSITIVE_INFINITY): ImageEntry<N>[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { magic, fields } = images[name];
  if (bytes.length < 4 * magic.length || magic.some((number, index) => view.getUint32(4 * index, true) !== number)) {
    throw new RangeError(`no image of the kind "${name}"`);
  }
  const found: ImageEntry<N>[] = [];
  for (let start = 4 * magic.length; start < bytes.length && found.length < most; ) {
    const begin = start + 4;
    const end = begin > bytes.length ? begin : begin + view.getUint32(start, true);
    if (end > bytes.length) throw new RangeError('the image ends in one of its entries');
    found.push(decode(fields as MessageFields, bytes.subarray(begin, end)) as ImageEntry<N>);
    start = end;
  }
  return found;
}

/**
 * The first entry of an image.
 * @throws RangeError for what is no such image, or has none
 */
export function firstEntry<N extends ImageName>(name: N, bytes: Uint8Array): ImageEntry<N> {
  const [entry] = entries(name, bytes, 1);
  if (entry === undefined) throw new RangeError(`an empty image of the kind "${name}"`);
  return entry;
}
