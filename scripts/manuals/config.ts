// The page of config.json, from the schema that it is validated with.
import { readdirSync, readFileSync } from 'node:fs';
import { referenceName, type Schema } from '../generate-spec-types.ts';
import { bold, italic, item, type Page, page, paragraph, reference, section, subsection, text, typed } from './roff.ts';

const folder = new URL('../../src/spec/schema/', import.meta.url);

const definitions: Readonly<Record<string, Schema>> = Object.assign(
  {},
  ...readdirSync(folder).map((name) => (JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Schema).definitions),
);

const resolved = (schema: Schema): Schema => (schema.$ref === undefined ? schema : (definitions[referenceName(schema.$ref)] ?? {}));

/** In the words of a reader of JSON. */
function typeWords(schema: Schema): string {
  const whole = resolved(schema);
  if (whole.enum) return 'string';
  if (whole.type === 'array') return `array of ${typeWords(whole.items ?? {})}s`;
  if (whole.additionalProperties) return `object of ${typeWords(whole.additionalProperties)}s`;
  return whole.type ?? 'anything';
}

function choices(schema: Schema): string {
  const { enum: names, items, type } = resolved(schema);
  if (names) return `One of ${names.map((name) => JSON.stringify(name)).join(', ')}.`;
  return type === 'array' && items ? choices(items) : '';
}

/** The object within, of which this is one, a list or a map. */
function within(schema: Schema): Schema | undefined {
  const whole = resolved(schema);
  if (whole.properties) return whole;
  const inner = whole.items ?? whole.additionalProperties;
  return inner && within(inner);
}

function pathOf(at: string, name: string, schema: Schema): string {
  const whole = resolved(schema);
  return `${at}${name}${whole.type === 'array' ? '[]' : whole.additionalProperties ? '.NAME' : ''}`;
}

/** The properties of an object, and of the objects within. */
function properties(schema: Schema, at: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const required = schema.required?.includes(name) ? ', required' : '';
    const described = property.description ?? resolved(property).description ?? '';
    const words = [described.replace(/ \([A-Z]+-\d+\)/, ''), choices(property)].filter(Boolean).join('\n');
    const inner = within(property);
    const own = item(`${bold(at + name)} (${italic(typeWords(property) + required)})`, text(words));
    return inner ? [...own, ...properties(inner, `${pathOf(at, name, property)}.`)] : own;
  });
}

const example = JSON.stringify(
  {
    ociVersion: '1.3.0',
    root: { path: 'rootfs', readonly: true },
    process: { user: { uid: 0, gid: 0 }, args: ['httpd', '-f'], cwd: '/', env: ['PATH=/usr/bin:/bin'] },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'network' }], resources: { memory: { limit: 268435456 } } },
  },
  null,
  2,
).split('\n');

/** The page runts-config(5). */
export function configPage(source: string, notice: string): Page {
  const spec = definitions['Spec'] ?? {};
  const chapters = Object.entries(spec.properties ?? {}).flatMap(([name, property]) => {
    const only: Schema = { properties: { [name]: property }, ...(spec.required ? { required: spec.required } : {}) };
    return subsection(name, ...properties(only, ''));
  });
  return page('runts-config', 5, source, notice, [
    ...section('Name', String.raw`runts\-config \- config.json, what a container is`),
    ...section(
      'Description',
      text('A bundle has a file config.json, as the runtime specification of the Open Container Initiative, version 1.3, describes it.'),
      text('Properties that are unknown are ignored. [] stands for each element of an array, NAME for each name of an object.'),
      ...paragraph(
        `${reference('runts-validate', 8)} tells everything that is wrong with one, ${reference('runts-spec', 8)} writes one to begin with.`,
      ),
    ),
    ...section('Properties', ...chapters),
    ...section('Example', ...typed(...example)),
    ...section(
      'See also',
      [reference('runts', 8), reference('runts-validate', 8), reference('runts-plan', 8), reference('runts-spec', 8)].join(',\n'),
    ),
  ]);
}
