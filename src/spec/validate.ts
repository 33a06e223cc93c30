import type { ErrorCode } from '../error-codes.ts';
import { RuntimeError } from '../errors.ts';
import { fillAbsent } from './absent-members.ts';
import { type Finding, isRefusalCode, Report } from './findings.ts';
import { dropNulls, parseJson } from './json.ts';
import { applyMends } from './mends.ts';
import { checkProcess } from './rules/process.ts';
import { checkResources } from './rules/resources.ts';
import { checkSpec } from './rules/spec.ts';
import { checkText } from './rules/text.ts';
import { reportSchemaErrors } from './schema-findings.ts';
import { soundPart } from './sound-part.ts';
import type { LinuxResources, Process, Spec } from './types.gen.ts';
import { hasUnknownKeys, reportUnknownKeys, respell } from './unknown-keys.ts';
import * as schema from './validate.gen.js';

/** Is told what does not keep a document from being used. */
export type Warn = (warning: Finding) => void;

/** Warnings of one document that are told singly: who writes an engine's log to its end fills its disk. */
const TOLD = 100;

const quiet: Warn = () => undefined;

interface Document<T> {
  readonly validator: schema.Validator;
  /** Name of the root's type, for the search of unknown members. */
  readonly shape: string;
  readonly check: (value: T, report: Report) => void;
  /** Code of the error when the document is refused. */
  readonly code: ErrorCode;
}

const specDocument: Document<Spec> = { validator: schema.spec, shape: 'Spec', check: checkSpec, code: 'INVALID_SPEC' };

const processDocument: Document<Process> = {
  validator: schema.process,
  shape: 'Process',
  check: (value, report) => checkProcess(value, '', report),
  code: 'INVALID_PROCESS',
};

const resourcesDocument: Document<LinuxResources> = {
  validator: schema.resources,
  shape: 'LinuxResources',
  check: (value, report) => checkResources(value, '', false, report),
  code: 'INVALID_RESOURCES',
};

function examine<T>(value: unknown, document: Document<T>, report: Report): T {
  const { validator, check } = document;
  const fits = validator(value) || (report.tolerant && fillAbsent(value, validator.errors ?? [], report) && validator(value));
  if (fits) check(value as T, report);
  else {
    reportSchemaErrors(validator.errors ?? [], value, report);
    const rest = soundPart(value, validator);
    if (rest !== undefined) check(rest as T, report);
  }
  return value as T;
}

function validate<T>(input: unknown, document: Document<T>): { value: T; problems: readonly Finding[]; warnings: readonly Finding[] } {
  const report = new Report();
  const copy = structuredClone(input);
  dropNulls(copy);
  // As create takes them: what is wrong behind such a name is wrong.
  respell(copy, document.shape, '', report);
  checkText(copy, '', report);
  const value = examine(copy, document, report);
  reportUnknownKeys(value, document.shape, '', report);
  return { value, problems: report.problems, warnings: report.warnings };
}

function refuse(documentCode: ErrorCode, problems: readonly Finding[]): never {
  const first = problems.find(({ code }) => !isRefusalCode(code)) ?? problems[0];
  if (first === undefined) throw new RangeError('no problem to report');
  const rest = problems.length - 1;
  const count = rest === 0 ? '' : `, and ${rest} more problem${rest === 1 ? '' : 's'}`;
  const isOwn = isRefusalCode(first.code);
  const hint = first.hint === undefined ? {} : { hint: first.hint };
  const all = isOwn && rest === 0 ? {} : { problems };
  throw new RuntimeError(isOwn ? first.code : documentCode, first.message + count, { pointer: first.pointer, ...all, ...hint });
}

function tell(warnings: readonly Finding[], warn: Warn): void {
  for (const warning of warnings.slice(0, TOLD)) warn(warning);
  const [next] = warnings.slice(TOLD);
  if (next) warn({ ...next, message: `${warnings.length - TOLD} more warnings like this, which \`runts validate\` lists` });
}

function parse<T>(text: string, document: Document<T>, warn: Warn): T {
  const input = parseJson(text);
  const report = new Report(true);
  // Nulls and NULs have one spelling each in JSON, so most documents need no search for them.
  if (text.includes('null')) dropNulls(input);
  if (hasUnknownKeys(input, document.shape)) {
    respell(input, document.shape, '', report);
    reportUnknownKeys(input, document.shape, '', report);
  }
  if (text.includes('\\u0000')) checkText(input, '', report);
  const value = examine(input, document, report);
  if (report.problems.length > 0) refuse(document.code, report.problems);
  applyMends(value, report.mends);
  tell(report.warnings, warn);
  return value;
}

/**
 * Checks a configuration and tells everything that is wrong with it, at once. The input is not changed; members that are null are
 * absent from the result. With problems, `spec` must not be used as a Spec.
 */
export function validateSpec(input: unknown): { spec: Spec; problems: readonly Finding[]; warnings: readonly Finding[] } {
  const { value, problems, warnings } = validate(input, specDocument);
  return { spec: value, problems, warnings };
}

/** As validateSpec, for the process object of exec. */
export function validateProcess(input: unknown): { process: Process; problems: readonly Finding[]; warnings: readonly Finding[] } {
  const { value, problems, warnings } = validate(input, processDocument);
  return { process: value, problems, warnings };
}

/**
 * Checks a configuration that is an object already (library callers).
 * @throws RuntimeError INVALID_SPEC with all problems
 */
export function requireSpec(input: unknown): Spec {
  const { value, problems } = validate(input, specDocument);
  if (problems.length > 0) refuse(specDocument.code, problems);
  return value;
}

/**
 * Parses config.json.
 * @throws RuntimeError INVALID_JSON, or INVALID_SPEC with all problems and the pointer of the first
 */
export function parseSpec(text: string, warn: Warn = quiet): Spec {
  return parse(text, specDocument, warn);
}

/**
 * Parses the file of `exec --process`.
 * @throws RuntimeError INVALID_JSON, or INVALID_PROCESS with all problems
 */
export function parseProcess(text: string, warn: Warn = quiet): Process {
  return parse(text, processDocument, warn);
}

/**
 * Parses the file of `update --resources`; what it leaves out may be set already, so a swap limit alone is valid.
 * @throws RuntimeError INVALID_JSON, or INVALID_RESOURCES with all problems
 */
export function parseResources(text: string, warn: Warn = quiet): LinuxResources {
  return parse(text, resourcesDocument, warn);
}
