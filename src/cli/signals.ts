import { RuntimeError } from '../errors.ts';
import { lookup } from '../lookup.ts';
import { didYouMean } from '../spec/suggest.ts';

/** Signals of Linux by number; the same on every architecture runts builds for (signal(7)). */
const names = [
  '',
  'HUP',
  'INT',
  'QUIT',
  'ILL',
  'TRAP',
  'ABRT',
  'BUS',
  'FPE',
  'KILL',
  'USR1',
  'SEGV',
  'USR2',
  'PIPE',
  'ALRM',
  'TERM',
  'STKFLT',
  'CHLD',
  'CONT',
  'STOP',
  'TSTP',
  'TTIN',
  'TTOU',
  'URG',
  'XCPU',
  'XFSZ',
  'VTALRM',
  'PROF',
  'WINCH',
  'IO',
  'PWR',
  'SYS',
];

const aliases: Readonly<Record<string, number>> = { IOT: 6, CLD: 17, POLL: 29, UNUSED: 31 };

/** SIGRTMIN and SIGRTMAX as programs see them: the C library keeps 32 and 33 for itself. */
const realtime = { min: 34, max: 64 };

function fromName(name: string): number | undefined {
  const index = names.indexOf(name);
  if (index > 0) return index;
  const alias = lookup(aliases, name);
  if (alias !== undefined) return alias;
  const match = /^RT(MIN|MAX)(?:([+-])([0-9]{1,2}))?$/.exec(name);
  if (!match) return undefined;
  const offset = match[3] === undefined ? 0 : Number(`${match[2]}${match[3]}`);
  const number = (match[1] === 'MIN' ? realtime.min : realtime.max) + offset;
  return number >= realtime.min && number <= realtime.max ? number : undefined;
}

function unknownSignal(text: string): RuntimeError {
  const known = [...names.slice(1), ...Object.keys(aliases), 'RTMIN', 'RTMAX'].map((name) => (/^sig/i.test(text) ? `SIG${name}` : name));
  const hint = /^\d+$/.test(text) ? `signals have the numbers 0 to ${realtime.max}` : didYouMean(text, known);
  return new RuntimeError('INVALID_SIGNAL', `unknown signal ${JSON.stringify(text)}`, hint === undefined ? {} : { hint });
}

/**
 * The number of a signal given as a number (0 to 64) or a name, with or without SIG, in any case, also RTMIN+n and RTMAX-n.
 * @throws RuntimeError INVALID_SIGNAL
 */
export function parseSignal(text: string): number {
  if (/^[0-9]{1,2}$/.test(text) && Number(text) <= realtime.max) return Number(text);
  // ASCII first: toUpperCase() would turn other letters ("ſ") into ours.
  const upper = /^[A-Za-z0-9+-]+$/.test(text) ? text.toUpperCase() : '';
  const number = fromName(upper.startsWith('SIG') ? upper.slice(3) : upper);
  if (number === undefined) throw unknownSignal(text);
  return number;
}
