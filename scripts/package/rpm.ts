// The RPM package: what the Debian package is, for those that have rpm. Built by rpmbuild, whose package of Debian is `rpm`.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Contents, putFiles } from './archives.ts';
import { description, type Packaged, summary } from './files.ts';

/** Licences have a place of their own there. */
const place = (file: Packaged): Packaged =>
  file.from === 'LICENSE' || file.from === 'NOTICE' ? { ...file, to: `share/licenses/runts/${file.from}` } : file;

const lineOf = ({ to }: Packaged): string => {
  const kind = to.startsWith('share/licenses/') ? '%license ' : /^share\/(doc|man)\//.test(to) ? '%doc ' : '';
  return `${kind}"/usr/${to}"`;
};

/**
 * The spec file. The files are there already: nothing is prepared or built, stripped or compressed, and nothing is looked for that they need.
 * @param version of the package, in which a hyphen may not be
 */
export function specFile(version: string, files: readonly Packaged[]): string {
  return `Name: runts
Version: ${version}
Release: 1
Summary: ${summary}
License: Apache-2.0
AutoReqProv: no
Suggests: criu
%global __os_install_post %{nil}
%global debug_package %{nil}

%description
${description.join('\n')}

%files
%defattr(-,root,root,-)
${files.map(lineOf).join('\n')}
`;
}

/** @param work an empty folder; @param output where the package goes */
export function makeRpm(contents: Contents, work: string, output: string): void {
  const { names, epoch } = contents;
  const files = contents.files.map(place);
  const [buildRoot, spec] = ['root', 'runts.spec'].map((name) => join(work, name)) as [string, string];
  putFiles({ ...contents, files }, join(buildRoot, 'usr'));
  writeFileSync(spec, specFile(names.packageVersion, files));
  const defines = {
    _topdir: join(work, 'top'),
    _rpmdir: output,
    _rpmfilename: names.rpm,
    _buildhost: 'localhost',
    // They are of an executable's build-id, which this one has not.
    _build_id_links: 'none',
    // xz makes other blocks with other numbers of threads.
    _binary_payload: 'w9T1.xzdio',
    source_date_epoch_from_changelog: '0',
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
  };
  const words = Object.entries(defines).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  const args = ['-bb', '--quiet', '--target', names.kernelArchitecture, '--buildroot', buildRoot, ...words, spec];
  execFileSync('rpmbuild', args, { env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) }, stdio: ['ignore', 'ignore', 'inherit'] });
}
