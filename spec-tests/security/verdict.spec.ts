import { describe, expect, test } from 'vitest';
import { judge } from './verdict.ts';

const attacks = [
  { first: /^c1:3 EROFS/, second: /a symlink is not allowed here/ },
  { first: /^\/x:ro/, second: /^\/canary:ro/, mixed: /^none/ },
];

const once = (output: string, status = 0) => [{ exchanges: 1, contested: 1, outcomes: [{ times: 1, status, output }] }];

describe('what a race is found to have led to', () => {
  test('a container whose protections hold, in either state or between them', () => {
    for (const place of ['/x:ro', '/canary:ro', 'none']) {
      expect(judge(attacks, once(`c1:3 EROFS | ${place} end\n`))).toMatchObject({ made: 1, refused: 0, faults: [] });
    }
    expect(judge(attacks, once('c1:3 EROFS | /canary:ro end\n'))).toMatchObject({ first: [1, 0], second: [0, 1] });
  });

  test('a refusal in words, which counts for what it names', () => {
    const refused = judge(attacks, once('error: /proc: a symlink is not allowed here\n', 1));
    expect(refused).toMatchObject({ made: 0, refused: 1, second: [1, 0], faults: [] });
  });

  test.each([
    ['a protection that one attack has taken away', 'f EROFS | /x:ro end\n', 0],
    ['a path that can be written to', 'c1:3 open | /x:ro end\n', 0],
    ['a mount on the host', 'c1:3 EROFS | /etc:ro end\n', 0],
    ['a part that nothing is said of', 'c1:3 EROFS end\n', 0],
    ['a container that has not come to its end', 'c1:3 EROFS | /x:ro\n', 0],
    ['a crash', '', 139],
    ['a round that was killed, because it did not end', '', 137],
    ['a refusal without words', '', 1],
    ['a mistake of the runtime', 'error: undefined is not a function\n', 1],
    ['what the round before has left', 'error: container with given ID already exists: a\n', 1],
  ])('%s is a fault', (_, output, status) => {
    expect(judge(attacks, once(output, status)).faults).toHaveLength(1);
  });
});
