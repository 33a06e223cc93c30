import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type Bill, billOfMaterials, type Component } from './bill.ts';
import { controlFile, copyrightFile } from './debian.ts';
import { checksums, namesOf, packagedFiles } from './files.ts';
import { pinnedQuickjs } from './origin.ts';
import { provenance } from './provenance.ts';
import { specFile } from './rpm.ts';

const root = dirname(dirname(import.meta.dirname));

test('a package has the executable on the PATH of everybody, and a profile that nothing loads', () => {
  const files = packagedFiles('dist/runts', ['share/man/man8/runts.8', 'share/apparmor.d/runts'], ['LICENSE']);
  expect(files.map(({ from, to, executable }) => [from, to, executable])).toEqual([
    ['dist/runts', 'bin/runts', true],
    ['share/apparmor.d/runts', 'share/apparmor/extra-profiles/runts', false],
    ['share/man/man8/runts.8', 'share/man/man8/runts.8', false],
    ['LICENSE', 'share/doc/runts/LICENSE', false],
  ]);
});

test('files are named after version and processor; what comes before a release sorts before it in Debian too', () => {
  expect(namesOf('1.2.3', 'x64')).toMatchObject({
    tarball: 'runts-1.2.3-linux-x86_64.tar.gz',
    deb: 'runts_1.2.3_amd64.deb',
    rpm: 'runts-1.2.3-1.x86_64.rpm',
  });
  expect(namesOf('1.0.0-rc.1', 'arm64')).toMatchObject({
    tarball: 'runts-1.0.0-rc.1-linux-aarch64.tar.gz',
    deb: 'runts_1.0.0~rc.1_arm64.deb',
  });
  expect(() => namesOf('1.0.0', 'riscv64')).toThrow('there is no package for the processor riscv64');
});

test('checksums are in the order of names, whatever it was', () => {
  expect(checksums({ b: '2', a: '1' })).toBe('1  a\n2  b\n');
});

test('the control file tells the size in KiB, depends on nothing and has no empty line within', () => {
  const control = controlFile('0.1.0', 'amd64', 1025);
  expect(control).toContain('\nInstalled-Size: 2\n');
  expect(control).not.toMatch(/^(Pre-)?Depends|\n\n/m);
});

test('the copyright file has all of the notice', () => {
  const notice = readFileSync(join(root, 'NOTICE'), 'utf8');
  expect(copyrightFile(notice)).toContain(notice.trimEnd());
});

test('the pin of QuickJS is found where the build has it', () => {
  expect(pinnedQuickjs(readFileSync(join(root, 'scripts/quickjs.js'), 'utf8'))).toEqual({
    version: expect.stringMatching(/^\d{4}\.\d\d\.\d\d$/),
    archive: expect.stringMatching(/^quickjs_[\d.]+\.orig\.tar\.xz$/),
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(() => pinnedQuickjs('')).toThrow('pins no source');
});

const component = (name: string): Component => ({ 'bom-ref': `${name}@1`, type: 'library', name, version: '1', scope: 'optional' });
const npm: Bill = {
  serialNumber: 'urn:uuid:random',
  metadata: { timestamp: 'now', component: { ...component('runts'), name: 'the-folder' } },
  components: [component('node-addon-api'), component('vitest'), component('tinypool')],
  dependencies: [
    { ref: 'runts@1', dependsOn: ['node-addon-api@1', 'vitest@1'] },
    { ref: 'vitest@1', dependsOn: ['tinypool@1'] },
  ],
};
const linked = { quickjs: { version: '2025', sha256: 'ab' }, musl: '1.2.3', gcc: '12.2.0' };

test('the bill tells what is in the executable from what it was built with, and nothing of when and where', () => {
  const digest = '0123456789abcdef'.repeat(4);
  const bill = billOfMaterials(npm, linked, digest, 0);
  expect(bill.serialNumber).toBe('urn:uuid:01234567-89ab-8def-8123-456789abcdef');
  expect(bill.metadata).toMatchObject({
    timestamp: '1970-01-01T00:00:00.000Z',
    component: { name: 'runts', hashes: [{ content: digest }] },
  });
  const scopes = Object.fromEntries(bill.components.map((each) => [each['bom-ref'], each.scope]));
  expect(scopes).toEqual({
    'quickjs@2025': 'required',
    'musl@1.2.3': 'required',
    'libstdc++@12.2.0': 'required',
    'libgcc@12.2.0': 'required',
    'node-addon-api@1': 'required',
    'vitest@1': 'excluded',
    'tinypool@1': 'excluded',
  });
  const contained = Object.keys(scopes).filter((ref) => scopes[ref] === 'required');
  expect(bill.dependencies[0]).toEqual({ ref: 'runts@1', dependsOn: contained });
  expect(bill.dependencies.at(-1)).toEqual({ ref: 'vitest@1', dependsOn: ['tinypool@1'] });
});

test('everything that the notice names is in the bill', () => {
  const notice = readFileSync(join(root, 'NOTICE'), 'utf8');
  const names = billOfMaterials(npm, linked, '0'.repeat(64), 0).components.filter(({ scope }) => scope === 'required');
  const sections = [...notice.matchAll(/^(\S+)(?: and (\S+) of GCC)? [\d.-]+(?: \(MIT\)|$)/gm)].flatMap(([, one, other]) => [one, other]);
  const named = sections.filter((name) => name !== undefined).map((name) => name.toLowerCase());
  expect(named.sort()).toEqual(names.map(({ name }) => name).sort());
});

test('the provenance names every product and input with its digest', () => {
  const origin = { commit: 'c', epoch: 5, freshClone: true, inputs: { archive: 'ab' }, tools: { gcc: 'gcc 12' } };
  const statement = provenance({ 'runts.deb': 'cd' }, origin);
  expect(statement.subject).toEqual([{ name: 'runts.deb', digest: { sha256: 'cd' } }]);
  expect(statement.predicate.buildDefinition.resolvedDependencies).toEqual([
    { name: 'runts', digest: { gitCommit: 'c' } },
    { name: 'archive', digest: { sha256: 'ab' } },
  ]);
  expect(statement.predicate.buildDefinition.internalParameters).toEqual({ SOURCE_DATE_EPOCH: 5, tools: { gcc: 'gcc 12' } });
});

test('the spec file of rpm names every file, has the licences where they belong, and does nothing', () => {
  const files = packagedFiles('dist/runts', ['share/man/man8/runts.8'], ['LICENSE']).map((file) =>
    file.from === 'LICENSE' ? { ...file, to: 'share/licenses/runts/LICENSE' } : file,
  );
  const spec = specFile('1.0.0~rc.1', files);
  expect(spec).toContain('Version: 1.0.0~rc.1\n');
  expect(spec.slice(spec.indexOf('%files'))).toBe(
    '%files\n%defattr(-,root,root,-)\n"/usr/bin/runts"\n%doc "/usr/share/man/man8/runts.8"\n%license "/usr/share/licenses/runts/LICENSE"\n',
  );
  expect(spec).not.toMatch(/^%(prep|build|install|post|pre)/m);
});
