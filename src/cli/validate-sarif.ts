import type { ExplainedFinding } from '../spec/explain.ts';

/** What rules mean, for readers of the log who do not know runts. */
const describe = (code: string): string => code.toLowerCase().replaceAll('_', ' ');

/**
 * Findings as a log in the Static Analysis Results Interchange Format (SARIF 2.1.0), which editors and code hosts read.
 * @param uri of the file that was examined
 */
export function renderSarif(findings: readonly ExplainedFinding[], uri: string, version: string): string {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  const results = findings.map(({ severity, code, message, pointer, line, column, clause, found, expected, hint }) => ({
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity,
    message: { text: hint === undefined ? message : `${message} (${hint})` },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri }, region: { startLine: line, startColumn: column } },
        logicalLocations: [{ fullyQualifiedName: pointer || '/', kind: 'member' }],
      },
    ],
    properties: { clause, found, expected, ...(hint === undefined ? {} : { hint }) },
  }));
  const rules = codes.map((id) => ({ id, shortDescription: { text: describe(id) } }));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'runts', semanticVersion: version, rules } },
        artifacts: [{ location: { uri } }],
        columnKind: 'utf16CodeUnits',
        results,
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}
