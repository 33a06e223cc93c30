import { RuntimeError } from '../errors.ts';
import { SIGRTMAX, SIGRTMIN, signalNumbers } from '../kernel.gen.ts';
import { didYouMean } from '../spec/suggest.ts';

/** Numbers by names without SIG; the same on every architecture runts builds for (signal(7)). Without a constant, but known to kill(1): UNUSED. */
const numbers = new Map<string, number>([
  ...Object.entries(signalNumbers).map(([name, number]) => [name.slice('SIG'.length), number] as const),
  ['UNUSED', signalNumbers.SIGSYS],
]);

function fromName(name: string): number | undefined {
  const number = numbers.get(name);
  if (number !== undefined) return number;
  const match = /^RT(MIN|MAX)(?:([+-])([0-9]{1,2}))?$/.exec(name);
  if (!match) return undefined;
  const offset = match[3] === undefined ? 0 : Number(`${match[2]}${match[3]}`);
  const wanted = (match[1] === 'MIN' ? SIGRTMIN : SIGRTMAX) + offset;
  return wanted >= SIGRTMIN && wanted <= SIGRTMAX ? wanted : undefined;
}

function unknownSignal(text: string): RuntimeError {
  const known = [...numbers.keys(), 'RTMIN', 'RTMAX'].map((name) => (/^sig/i.test(text) ? `SIG${name}` : name));
  const hint = /^\d+$/.test(text) ? `signals have the numbers 0 to ${SIGRTMAX}` : didYouMean(text, known);
  return new RuntimeError('INVALID_SIGNAL', `unknown signal ${JSON.stringify(text)}`, hint === undefined ? {} : { hint });
}

/**
 * The number of a signal given as a number (0 to 64) or a name, with or without SIG, in any case, also RTMIN+n and RTMAX-n.
 * @throws RuntimeError INVALID_SIGNAL
 */
export function parseSignal(text: string): number {
  if (/^[0-9]{1,2}$/.test(text) && Number(text) <= SIGRTMAX) return Number(text);
  // ASCII first: toUpperCase() would turn other letters ("ſ") into ours.
  const upper = /^[A-Za-z0-9+-]+$/.test(text) ? text.toUpperCase() : '';
  const number = fromName(upper.startsWith('SIG') ? upper.slice(3) : upper);
  if (number === undefined) throw unknownSignal(text);
  return number;
}
