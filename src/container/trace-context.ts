import { addon } from '../native/addon.ts';

/** version-trace id-parent id-flags (W3C Trace Context §3.2). */
const format = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

const hexadecimal = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

/** Id of the span that is this process: unique enough among the children of one parent. */
const ownSpan = (): string => hexadecimal(addon.getpid()) + hexadecimal(addon.loadedAt());

/**
 * TRACEPARENT for what this process starts: the caller's trace, with this process as the parent.
 * @param caller the caller's TRACEPARENT
 * @returns undefined when there is none, or none that the standard knows
 */
export function childTraceparent(caller: string | undefined): string | undefined {
  const [, version, trace, , flags] = format.exec(caller ?? '') ?? [];
  return trace === undefined ? undefined : `${version}-${trace}-${ownSpan()}-${flags}`;
}
