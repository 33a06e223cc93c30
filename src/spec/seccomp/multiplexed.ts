import { ipcCalls, socketCalls } from '../../kernel.gen.ts';
import { isPermissive } from './actions.ts';
import type { Outcome, Test } from './outcome.ts';

const named = (numbers: Readonly<Record<string, number>>): readonly (readonly [call: string, number: number])[] =>
  Object.entries(numbers).map(([name, number]) => [name.replace(/^SYS_/, '').toLowerCase(), number]);

/**
 * Calls that 32-bit x86, MIPS, PowerPC, s390, m68k and SH also reach through socketcall(2) and ipc(2), with the number the first
 * argument then holds.
 */
const socketcall = named(socketCalls);
const ipc = named(ipcCalls);

/** `mask`: the kernel reads an int (socketcall), or its lower half beside a version number (ipc). */
const multiplexers = { socketcall: { calls: socketcall, mask: 0xffff_ffffn }, ipc: { calls: ipc, mask: 0xffffn } } as const;

export type MultiplexerName = keyof typeof multiplexers;

export const isMultiplexer = (name: string): name is MultiplexerName => name === 'socketcall' || name === 'ipc';

/**
 * What a call gets when it comes through its multiplexer, where the arguments lie in memory that a filter cannot read: the same
 * as directly when that does not hang on arguments; otherwise the first refusal among its rules, and nothing more than the default
 * when they only permit. A rule that cannot be tested must not open what it closes.
 */
function multiplexedAction(direct: Outcome): number | undefined {
  if (typeof direct === 'number') return direct;
  return direct.tests.find(({ action }) => !isPermissive(action))?.action;
}

/** Tests of the multiplexer's own first argument. */
export function multiplexedTests(name: MultiplexerName, outcomeOf: (call: string) => Outcome | undefined): Test[] {
  const { calls, mask } = multiplexers[name];
  return calls.flatMap(([call, number]) => {
    const direct = outcomeOf(call);
    const action = direct === undefined ? undefined : multiplexedAction(direct);
    if (action === undefined) return [];
    return [{ action, conditions: [{ argument: 0, op: 'SCMP_CMP_MASKED_EQ', value: BigInt(number), mask } as const] }];
  });
}
