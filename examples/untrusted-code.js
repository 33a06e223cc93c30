// Runs a program that nobody trusts, with limits and a time-out, and says what came of it. As root: node examples/untrusted-code.js FILE.py
import { readFileSync } from 'node:fs';
import { hostPrograms, Runtime, sandbox } from 'runts';

const [file] = process.argv.slice(2);
const code = file ? readFileSync(file, 'utf8') : 'print(sum(range(1_000_000)))';

const runtime = new Runtime({ root: '/run/untrusted' });
try {
  const result = await runtime.run({
    spec: sandbox({
      ...hostPrograms('/var/tmp/untrusted-root'),
      args: ['python3', '-'],
      memory: 128 << 20,
      pids: 16,
      tmp: 16 << 20,
    }),
    input: code,
    timeout: 5_000,
    maxOutput: 1 << 20,
  });
  const { reason, exitCode, stdout, stderr, usage } = result;
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  console.log({ reason, exitCode, milliseconds: Math.round((usage.userTime ?? 0) / 1000), bytes: usage.peakMemory });
} finally {
  await runtime.close();
}
