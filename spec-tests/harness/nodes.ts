import { fetchNode, otherNodes } from '../../scripts/nodes.js';
import { fetchedIfPossible } from './fetched.ts';

let found: { readonly programs: Readonly<Record<string, string>> | undefined } | undefined;

const fetchAll = (): Record<string, string> => Object.fromEntries(otherNodes.map((major) => [major, fetchNode(major)]));

/** Programs by their major versions; undefined where they cannot be had. */
export function otherNodePrograms(): Readonly<Record<string, string>> | undefined {
  found ??= { programs: fetchedIfPossible('other release of Node', fetchAll) };
  return found.programs;
}
