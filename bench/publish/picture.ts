// The picture of the README: a bar for every runtime and command, as SVG that reads on light and on dark ground.
import type { Row } from '../rows.ts';

export interface Group {
  readonly title: string;
  /** Subject and milliseconds, in the order in which they are drawn. */
  readonly bars: readonly (readonly [subject: string, milliseconds: number])[];
}

const width = 760;
const labels = 190;
const right = 70;
const bar = 11;
const gap = 12;
const top = 56;

const style = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 14px }
  .note, .value { font-size: 11px; fill: #59636e }
  .runts { fill: #0969da } .library { fill: #54aeff } .crun { fill: #bf8700 } .runc { fill: #8c959f } .floor { fill: #2da44e }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .note, .value { fill: #9198a1 }
    .runts { fill: #4493f8 } .library { fill: #a5d6ff } .crun { fill: #d29922 } .runc { fill: #656c76 } .floor { fill: #3fb950 }
  }`;

const text = (x: number, y: number, content: string, attributes = ''): string => `<text x="${x}" y="${y}"${attributes}>${content}</text>`;

function drawGroup({ title, bars }: Group, y: number, scale: number): string {
  const middle = y + (bars.length * bar) / 2 + 4;
  const drawn = bars.map(([subject, milliseconds], index) => {
    const length = Math.max(1, milliseconds * scale);
    const from = y + index * bar;
    const value = text(labels + length + 5, from + bar - 2, milliseconds.toFixed(1), ' class="value"');
    return `<rect x="${labels}" y="${from}" width="${length.toFixed(1)}" height="${bar - 1}" class="${subject}"/>${value}`;
  });
  return [text(labels - 10, middle, title, ' text-anchor="end"'), ...drawn].join('\n');
}

function drawLegend(subjects: readonly string[]): string {
  const each = 74;
  return subjects
    .map((subject, index) => {
      const x = labels + index * each;
      return `<rect x="${x}" y="31" width="10" height="10" class="${subject}"/>${text(x + 14, 40, subject)}`;
    })
    .join('\n');
}

export function drawPicture(groups: readonly Group[], title: string, note: string): string {
  const subjects = [...new Set(groups.flatMap(({ bars }) => bars.map(([subject]) => subject)))];
  const longest = Math.max(...groups.flatMap(({ bars }) => bars.map(([, milliseconds]) => milliseconds)));
  const scale = (width - labels - right) / longest;
  let y = top;
  const drawn = groups.map((group) => {
    const picture = drawGroup(group, y, scale);
    y += group.bars.length * bar + gap;
    return picture;
  });
  const height = y + 18;
  const parts = [text(10, 20, title, ' class="title"'), drawLegend(subjects), ...drawn, text(10, height - 8, note, ' class="note"')];
  const frame = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`;
  return `${frame}\n<title>${title}</title>\n<style>${style}\n</style>\n${parts.join('\n')}\n</svg>\n`;
}

/** The same in every group. */
const order = ['library', 'runts', 'crun', 'runc', 'floor'];

export function groupOf(title: string, row: Row | undefined): Group[] {
  if (row === undefined) return [];
  const bars = order.flatMap((subject) => {
    const wall = row.medians[subject]?.wall;
    return wall === undefined ? [] : [[subject, wall / 1000] as const];
  });
  return [{ title: row.isQuiet ? title : `${title} *`, bars }];
}
