import { RuntimeError } from '../errors.ts';
import { lookup } from '../lookup.ts';

const milliseconds: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** What Go's nanoseconds hold: 292 years. */
const LONGEST = 2 ** 63 * 1e-6;

/** What a timer takes: 24 days. */
const TIMER = 2 ** 31 - 1;

/**
 * A duration as Go writes it: "5s", "100ms", "1m30s".
 * @returns milliseconds, above 0 and at most what a timer takes
 * @throws RuntimeError INVALID_VALUE
 */
export function parseDuration(flag: string, text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h)/gy)];
  const matched = parts.map(([part]) => part).join('');
  if (matched !== text || text === '') {
    const hint = 'expected a number with a unit: ms, s, m or h';
    throw new RuntimeError('INVALID_VALUE', `invalid value for ${flag}: ${JSON.stringify(text)}`, { hint });
  }
  const total = parts.reduce((sum, [, number, unit]) => sum + Number(number) * (lookup(milliseconds, unit ?? '') ?? 0), 0);
  if (total <= 0) throw new RuntimeError('INVALID_VALUE', `duration ${flag} must be greater than 0`);
  if (total >= LONGEST) {
    const hint = 'the longest duration is 2562047h, 292 years';
    throw new RuntimeError('INVALID_VALUE', `invalid value for ${flag}: ${JSON.stringify(text)} is too long`, { hint });
  }
  return Math.min(total, TIMER);
}
