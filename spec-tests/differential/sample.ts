import fc from 'fast-check';
import { isAtLeast } from '../deviations/deviation.ts';
import type { RuntimeKind } from '../harness/suite.ts';
import { hostPieces } from './host-pieces.ts';
import { mountPieces } from './mount-pieces.ts';
import type { Piece, Places } from './piece.ts';
import { processPieces } from './process-pieces.ts';
import { resourcePieces } from './resource-pieces.ts';

/** In the order in which they are put in: namespaces first. */
const pieces: readonly Piece[] = [...hostPieces, ...resourcePieces, ...processPieces, ...mountPieces];

/** Values of pieces by their names. */
export type Sample = Readonly<Record<string, unknown>>;

/** Configurations of pieces that every one of these runtimes promises. About a fifth of the pieces is there: a difference must not hide behind another. */
export function samples(peers: readonly { readonly kind: RuntimeKind; readonly version: string }[]): fc.Arbitrary<Sample> {
  const promised = pieces.filter(({ since }) => peers.every(({ kind, version }) => kind === 'runts' || isAtLeast(version, since[kind])));
  const members = promised.map(({ name, values }) => {
    const absent = { weight: 4, arbitrary: fc.constant<unknown>(undefined) };
    return [name, fc.oneof({ withCrossShrink: true }, absent, { weight: 1, arbitrary: values })] as const;
  });
  return fc
    .record(Object.fromEntries(members))
    .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));
}

export function apply(sample: Sample, places: Places): void {
  for (const { name, apply: put } of pieces) if (name in sample) put(sample[name], places);
}
