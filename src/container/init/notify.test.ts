import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Context } from '../context.ts';
import type { ContainerRecord } from '../state/container-record.ts';
import { NotifyRelay } from './notify.ts';

test('a relay whose socket cannot be made keeps no descriptor', () => {
  const root = mkdtempSync(join(tmpdir(), 'notify-'));
  try {
    mkdirSync(join(root, 'box/notify/notify.sock'), { recursive: true });
    const before = readdirSync('/proc/self/fd');
    const open = () => NotifyRelay.open({ root } as Context, { id: 'box', pid: process.pid } as ContainerRecord, '/nowhere');
    expect(open).toThrow(/unable to make the notification socket/);
    expect(readdirSync('/proc/self/fd')).toEqual(before);
  } finally {
    rmSync(root, { recursive: true });
  }
});
