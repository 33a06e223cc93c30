import { expect, test } from 'vitest';
import { userNames } from './user-names.ts';

test('names of users by id: the first of two counts, and an id is written in decimal digits', () => {
  const passwd = 'root:x:0:0::/:\ntoor:x:0:0::/:\nhex:x:0x10:0::/:\nblank:x: :0::/:\nword:x:a:0::/:\nshort\nuser:x:1000:1000::/:\n';
  expect([...userNames(passwd)]).toEqual([
    [0, 'root'],
    [1000, 'user'],
  ]);
});
