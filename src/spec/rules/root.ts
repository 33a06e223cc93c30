import { __NEW_UTS_LEN } from '../../kernel.gen.ts';
import type { Report } from '../findings.ts';
import { escapePointer } from '../pointer.ts';
import type { Spec } from '../types.gen.ts';
import { annotationFault } from '../unit-properties.ts';
import { exceeds } from './format.ts';
import { namespaceTypes } from './namespaces.ts';

const semver =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;

/** The newest minor version of runtime-spec 1 that is implemented. */
const NEWEST_MINOR = 3;

/** What an empty version stands for. */
const OLDEST = '1.0.0';

/** What nearly every caller writes; compiling the whole grammar costs a quarter of a millisecond in each new process. */
const usual = /^1\.[0-3]\.\d(?:-dev)?$/;

function checkVersion(version: string, report: Report): void {
  if (usual.test(version)) return;
  const match = semver.exec(version);
  if (match === null && !/^v?(?!1\b)\d/.test(version)) {
    const message = `ociVersion ${JSON.stringify(version)} is not a SemVer version`;
    report.mend('/ociVersion', 'BAD_VERSION', message, version || OLDEST, 'expected a value like "1.3.0"');
  } else if (match?.[1] !== '1') {
    report.error('/ociVersion', 'BAD_VERSION', `ociVersion ${JSON.stringify(version)} is not supported: expected 1.x.y`);
  } else if (Number(match[2]) > NEWEST_MINOR) {
    report.warn('/ociVersion', 'NEWER_VERSION', `ociVersion ${version} is newer than 1.${NEWEST_MINOR}: properties it added are ignored`);
  }
}

function checkName(spec: Spec, key: 'hostname' | 'domainname', report: Report): void {
  const name = spec[key];
  if (name === undefined || name === '') return;
  if (!namespaceTypes(spec.linux).has('uts')) {
    const hint = `add {"type": "uts"} to linux.namespaces, or remove ${key}`;
    report.error(`/${key}`, 'NEEDS_NAMESPACE', `unable to set ${key} without a private UTS namespace`, hint);
  }
  if (exceeds(name, __NEW_UTS_LEN)) report.error(`/${key}`, 'OUT_OF_RANGE', `${key} is longer than ${__NEW_UTS_LEN} bytes`);
}

/** What only the systemd driver reads (CLI-118). */
function foretellAnnotations(annotations: Spec['annotations'], report: Report): void {
  for (const [key, text] of Object.entries(annotations ?? {})) {
    const fault = annotationFault(key, text);
    if (fault !== undefined) report.foretell(`/annotations/${escapePointer(key)}`, 'INVALID_ANNOTATION', fault.message, fault.hint);
  }
}

/** Version, root, names and annotations (config.md). */
export function checkTop(spec: Spec, report: Report): void {
  checkVersion(spec.ociVersion, report);
  if (spec.root.path === '') report.error('/root/path', 'EMPTY', 'root.path must not be empty');
  checkName(spec, 'hostname', report);
  checkName(spec, 'domainname', report);
  if (spec.annotations !== undefined && Object.hasOwn(spec.annotations, '')) {
    report.tolerate('/annotations/', 'EMPTY', 'annotation keys must not be empty');
  }
  if (!report.tolerant) foretellAnnotations(spec.annotations, report);
}
