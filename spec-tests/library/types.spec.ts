// The types of the library, by the compilers: "types of the tests and scripts" (TypeScript 7) and "types of the library, by TypeScript 5.9" fail where they are others.
import type { Readable, Writable } from 'node:stream';
import { expectTypeOf, test } from 'vitest';
import type {
  Attachment,
  Container,
  ContainerEvent,
  ErrorCode,
  ExplainedFinding,
  Features,
  Plan,
  Reason,
  Result,
  Runtime,
  RuntimeError,
  Spec,
  sandbox,
  Terminal,
} from '../../src/index.ts';

test('LIB-070 results by their encoding, errors by their code, events by their type', () => {
  type Run = Runtime['run'];
  const run = (() => Promise.resolve()) as unknown as Run;
  expectTypeOf(run({ bundle: '/' })).resolves.toEqualTypeOf<Result<string>>();
  expectTypeOf(run({ bundle: '/', encoding: 'buffer' })).resolves.toEqualTypeOf<Result<Buffer>>();
  expectTypeOf(run({ bundle: '/', encoding: 'latin1' })).resolves.toEqualTypeOf<Result<string>>();
  expectTypeOf<Result['reason']>().toEqualTypeOf<Reason>();
  expectTypeOf<Result['signal']>().toEqualTypeOf<NodeJS.Signals | null>();
  expectTypeOf<RuntimeError['code']>().toEqualTypeOf<ErrorCode>();
  expectTypeOf<'EXEC_NOT_FOUND'>().toExtend<ErrorCode>();
  expectTypeOf<'NO_SUCH_CODE'>().not.toExtend<ErrorCode>();
  expectTypeOf<Container['stdin']>().toEqualTypeOf<Writable | null>();
  expectTypeOf<Container['stdout']>().toEqualTypeOf<Readable | null>();
  expectTypeOf<ReturnType<typeof sandbox>>().toEqualTypeOf<Spec>();
  expectTypeOf<Extract<ContainerEvent, { type: 'exit' }>['exitCode']>().toEqualTypeOf<number | null>();
  expectTypeOf<Extract<ContainerEvent, { type: 'oom' }>['count']>().toEqualTypeOf<number>();
  expectTypeOf<Extract<ContainerEvent, { type: 'pressure' }>['resource']>().toEqualTypeOf<'cpu' | 'memory' | 'io'>();
  expectTypeOf<Container['terminal']>().toEqualTypeOf<Terminal | null>();
  expectTypeOf<Container['attach']>().returns.resolves.toEqualTypeOf<Attachment>();
  expectTypeOf<Container['checkpoint']>().returns.resolves.toEqualTypeOf<void>();
  expectTypeOf<Runtime['restore']>().returns.resolves.toEqualTypeOf<Container>();
  expectTypeOf<Runtime['validate']>().returns.resolves.toEqualTypeOf<readonly ExplainedFinding[]>();
  expectTypeOf<Runtime['plan']>().returns.resolves.toEqualTypeOf<Plan>();
  expectTypeOf<Runtime['features']>().returns.resolves.toEqualTypeOf<Features>();
  expectTypeOf<Container>().toExtend<AsyncDisposable>();
  expectTypeOf<Attachment>().toExtend<AsyncDisposable>();
  expectTypeOf<Runtime>().toExtend<AsyncDisposable>();
});
