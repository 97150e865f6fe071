// What specmatic's output says of each operation, and of each request that was not answered as it expects. Exit code 1 if
// there is one.
import { readFileSync } from 'node:fs';

const counts = new Map();
const failures = new Map();
let status = '';
let detail = '';
for (const line of readFileSync(process.argv[2], 'utf8').split('\n')) {
  status = /^\s+(\d{3}) [A-Z][A-Za-z -]+$/.exec(line)?.[1] ?? status;
  detail = /"detail": ?"((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? detail;
  const test = /^([+-]ve)?\s*Scenario: (.*?) -> (\S+)(.*) has (SUCCEEDED|FAILED)/.exec(line);
  if (test) {
    const [, kind = '   ', operation, expected, how, outcome] = test;
    const key = `${kind} ${operation} -> ${expected}`;
    const count = counts.get(key) ?? { SUCCEEDED: 0, FAILED: 0 };
    count[outcome]++;
    counts.set(key, count);
    if (outcome === 'FAILED') {
      const [mutation = ''] = /\S+ (is mutated from .*|which is a mandatory .*)/.exec(how) ?? [];
      const failure = `${kind} ${operation}: ${status} ${detail.slice(0, 80)} ${mutation.slice(0, 120)}`;
      failures.set(failure, (failures.get(failure) ?? 0) + 1);
    }
    status = '';
    detail = '';
  }
}
for (const [key, { SUCCEEDED, FAILED }] of counts) {
  console.log(`${SUCCEEDED} as expected, ${FAILED} not: ${key}`);
}
const sum = (outcome) => [...counts.values()].reduce((all, each) => all + each[outcome], 0);
console.log(`${sum('SUCCEEDED')} as expected, ${sum('FAILED')} not`);
for (const [failure, times] of failures) {
  console.log(`${times} x ${failure.trim()}`);
}
process.exit(sum('FAILED') > 0 || sum('SUCCEEDED') === 0 ? 1 : 0);
