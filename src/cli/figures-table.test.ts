import { describe, expect, test } from 'vitest';
import type { Figures } from '../container/figures.ts';
import { figureLines, sizeText, sorted, summary } from './figures-table.ts';
import { screen } from './live.ts';

const web: Figures = {
  id: 'web',
  cpuPercent: 12.34,
  cpuTime: 5,
  memory: 50 * 2 ** 20,
  memoryLimit: 64 * 2 ** 20,
  pids: 3,
  pidsLimit: 100,
  pressure: { cpu: 1, memory: 2, io: 55.5 },
  readRate: 2048,
  writeRate: 0,
};
const bare: Figures = { id: 'a'.repeat(64) };

test.each([
  [undefined, '-'],
  [0, '0B'],
  [999, '999B'],
  [1000, '1.0K'],
  [1536, '1.5K'],
  [100 * 1024, '100K'],
  [1023 * 1024, '1.0M'],
  [2 ** 31, '2.0G'],
  [2 ** 60, '1024P'],
])('%s bytes are %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

describe('the table', () => {
  test('has a row for each, and fits into 80 columns', () => {
    const lines = figureLines([web, bare], 80);
    expect(lines.map(({ length }) => length)).toEqual([80, 80, 80]);
    expect(lines).toMatchInlineSnapshot(`
      [
        "ID                       CPU%   MEM  MEM%  PIDS PCPU% PMEM%  PIO% READ/s WRITE/s",
        "web                      12.3 50.0M  78.1     3   1.0   2.0  55.5   2.0K      0B",
        "aaaaaaaaaaaaaa~aaaaaaa      -     -     -     -     -     -     -      -       -",
      ]
    `);
  });

  test.each([
    [70, 'ID CPU% MEM MEM% PIDS PCPU% PMEM% PIO% READ/s WRITE/s'],
    [69, 'ID CPU% MEM MEM% PIDS READ/s WRITE/s'],
    [52, 'ID CPU% MEM MEM% PIDS READ/s WRITE/s'],
    [51, 'ID CPU% MEM MEM% PIDS'],
    [37, 'ID CPU% MEM MEM% PIDS'],
  ])('of %d columns shows what fits into it', (width, titles) => {
    const lines = figureLines([{ id: 'a'.repeat(64), cpuTime: 0 }], width);
    expect(lines[0]?.replaceAll(/ +/g, ' ')).toBe(titles);
    expect(lines.every(({ length }) => length <= width)).toBe(true);
  });

  test('shows a whole id where there is room, and what steers a terminal nowhere', () => {
    expect(figureLines([bare], 200)[1]).toContain('a'.repeat(64));
    expect(figureLines([{ id: '\u001b[2J' }], 80)[1]).not.toContain('\u001b');
  });

  test('marks what deserves a look', () => {
    const mark = (word: string) => (text: string) => `<${word} ${text.trim()}>`;
    const style = { heading: mark('h'), faint: mark('f'), good: mark('g'), doubtful: mark('d'), bad: mark('b') };
    expect(figureLines([{ ...web, memory: 63 * 2 ** 20 }], 80, style)[1]).toMatch(/<b 98\.4>.*<b 55\.5>/);
    expect(figureLines([{ ...web, memory: 52 * 2 ** 20 }], 80, style)[1]).toMatch(/<d 81\.3>/);
  });
});

test('order: the largest first, those of which nothing is known last, and equals by id', () => {
  const ids = (key: Parameters<typeof sorted>[1]) =>
    sorted([{ id: 'c', pids: 1 }, { id: 'b' }, { id: 'd', pids: 1 }, web], key).map(({ id }) => id);
  expect(ids('pids')).toEqual(['web', 'c', 'd', 'b']);
  expect(ids('id')).toEqual(['b', 'c', 'd', 'web']);
  for (const key of ['cpu', 'memory', 'pressure', 'io'] as const) expect(ids(key)[0], key).toBe('web');
});

test('the sum', () => {
  expect(summary([web, { ...web, id: 'x' }, bare])).toBe('3 containers, 6 pids, cpu 24.7 %, memory 100M');
});

test('a screen has no more lines than the terminal, and scrolls nothing', () => {
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`);
  expect(screen(lines, 5, false).split('\n')).toEqual([
    '\u001b[Hline 0\u001b[K',
    'line 1\u001b[K',
    'line 2\u001b[K',
    '… 27 more\u001b[K',
    '\u001b[J',
  ]);
  expect(screen(['one'], 5, true)).toBe('\u001b[2J\u001b[Hone\u001b[K\n\u001b[J');
});
