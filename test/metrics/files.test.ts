import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { newMetrics } from '../../src/metrics/metrics.ts';
import { codeIn, read, tableRows } from '../docs/reading.ts';
import { asked } from './promql.ts';

const { figures } = newMetrics(() => 0);

interface Known {
  type: string;
  labels: readonly string[];
}
/** Every metric of a process, by name. */
const known = new Map<string, Known>(
  figures.registry.getMetricsAsArray().map((each) => {
    const { name, type, labelNames = [] } = each as typeof each & { labelNames?: string[] };
    return [name, { type: String(type), labels: labelNames }];
  }),
);
const ours = [...known.keys()].filter((name) => name.startsWith('breakglass_')).sort();
/** What Prometheus adds by itself: to each series, and one series a target. */
const target = ['job', 'instance'];

/** The metric behind a series. A histogram has three series, and no other. */
function metricOf(series: string): (Known & { name: string }) | null {
  const [, family = '', part] = /^(.*?)(_bucket|_sum|_count)?$/.exec(series) ?? [];
  const histogram = known.get(family);
  if (part && histogram?.type === 'histogram') {
    return { ...histogram, name: family, labels: [...histogram.labels, ...(part === '_bucket' ? ['le'] : [])] };
  }
  const metric = known.get(series);
  return metric && metric.type !== 'histogram' ? { ...metric, name: series } : null;
}

/** What is wrong with a question: names and labels that are not there, and values that no series can have. */
function mistakesIn(expression: string): string[] {
  const { selected, grouped } = asked(expression);
  const mistakes: string[] = [];
  const labels = new Set(target);
  for (const { name, matched } of selected) {
    if (name === 'up') continue;
    const metric = metricOf(name);
    if (!metric) mistakes.push(`there is no ${name}`);
    for (const label of metric?.labels ?? []) labels.add(label);
    for (const { label, value } of matched) {
      if (![...target, ...(metric?.labels ?? [])].includes(label)) mistakes.push(`${name} has no ${label}`);
      const words = figures.words.get(metric?.name ?? '')?.[label];
      // A boundary is written in more than one way, by the version of Prometheus.
      if (label === 'le') mistakes.push(`${name}: le is not to be matched`);
      if (words)
        mistakes.push(
          ...value
            .split('|')
            .filter((word) => !words.includes(word))
            .map((word) => `${name} has no ${label}="${word}"`),
        );
    }
  }
  return [...mistakes, ...grouped.filter((label) => !labels.has(label)).map((label) => `nothing has ${label}`)];
}

const rule = z.strictObject({
  alert: z.string().regex(/^Breakglass[A-Za-z]+$/),
  expr: z.string().min(1),
  for: z
    .string()
    .regex(/^\d+[smhd]$/)
    .optional(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
  annotations: z.strictObject({
    summary: z.string().min(10),
    description: z.string().min(10),
    action: z.string().min(10),
  }),
});
const alertFile = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string().regex(/^[a-z-]+$/), rules: z.array(rule).min(1) })).min(1),
});
const groups = alertFile.parse(parse(read('deploy/prometheus/alerts.yml'))).groups;
const rules = groups.flatMap((group) => group.rules);

describe('the alert rules', () => {
  test('have names of their own', () => {
    for (const names of [groups.map(({ name }) => name), rules.map(({ alert }) => alert)])
      expect(new Set(names).size).toBe(names.length);
    expect(rules.length).toBeGreaterThan(20);
  });

  test.each(rules)('$alert asks for what there is', ({ expr }) => expect(mistakesIn(expr)).toEqual([]));

  test.each(rules)('$alert says only what its series have', ({ expr, annotations }) => {
    const { selected, grouped } = asked(expr);
    const aggregated = /\b(sum|max|min|histogram_quantile|absent)\b/.test(expr);
    const left = aggregated ? grouped : [...target, ...selected.flatMap(({ name }) => metricOf(name)?.labels ?? [])];
    const named = Object.values(annotations).flatMap((text) =>
      [...text.matchAll(/\{\{ ?\$labels\.(\w+)/g)].map(([, label]) => label),
    );
    expect(named.filter((label) => !left.includes(label ?? ''))).toEqual([]);
  });

  test('name commands and log lines that there are', () => {
    const said = rules.flatMap(({ annotations }) => codeIn(Object.values(annotations).join(' ')));
    const documented = [
      'docs/operations.md',
      'docs/configuration.md',
      'docs/evidence.md',
      'docs/reviews.md',
      'docs/metrics.md',
      'src/jobs/clock.ts',
      'src/jobs/keep-sealed.ts',
      'src/bot.ts',
      'src/side-door.ts',
      'docs/command-line.md',
    ]
      .map(read)
      .join('\n');
    expect(said.length).toBeGreaterThan(15);
    expect(said.filter((each) => !documented.includes(each.replace(/ failed$/, '')))).toEqual([]);
  });
});

const panel = z.object({
  id: z.number().int().positive(),
  type: z.string(),
  title: z.string().min(1),
  gridPos: z.object({ x: z.number().min(0), y: z.number().min(0), w: z.number().positive(), h: z.number().positive() }),
  targets: z.array(z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string() })).default([]),
});
const dashboard = z
  .object({
    title: z.string(),
    uid: z.string(),
    schemaVersion: z.number(),
    templating: z.object({ list: z.array(z.object({ name: z.string() })) }),
    panels: z.array(panel),
  })
  .parse(JSON.parse(read('deploy/grafana/breakglass.json')));
const questions = dashboard.panels.flatMap(({ title, targets }) => targets.map((each) => ({ title, ...each })));

describe('the dashboard', () => {
  test('has panels of their own id, side by side and not on top of each other', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...dashboard.panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24);
  });

  test.each(questions)('$title asks for what there is: $expr', ({ expr, legendFormat }) => {
    expect(mistakesIn(expr)).toEqual([]);
    const { selected, grouped } = asked(expr);
    const left =
      grouped.length > 0 ? grouped : [...target, ...selected.flatMap(({ name }) => metricOf(name)?.labels ?? [])];
    const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
    expect(named.filter((label) => !left.includes(label))).toEqual([]);
  });

  test('fills in what its questions leave open', () => {
    const open = new Set(JSON.stringify(dashboard.panels).match(/\$(?!__)\w+/g));
    const filled = dashboard.templating.list.map(({ name }) => `$${name}`);
    expect([...open].filter((name) => !filled.includes(name))).toEqual([]);
  });

  test('shows every figure there is', () => {
    const shown = questions.flatMap(({ expr }) => asked(expr).selected.map(({ name }) => metricOf(name)?.name));
    expect(ours.filter((name) => !shown.includes(name))).toEqual([]);
  });
});

describe('docs/metrics.md', () => {
  const page = read('docs/metrics.md');
  const rows = tableRows(page).filter(([name = '']) => name.startsWith('`breakglass_'));

  test('names every figure with its type and its labels, and no other', () => {
    const documented = rows.map(([name = '', type, labels = '']) => [codeIn(name)[0], type, codeIn(labels).sort()]);
    const there = ours.map((name) => [name, known.get(name)?.type, [...(known.get(name)?.labels ?? [])].sort()]);
    expect(documented.sort()).toEqual(there);
  });

  test('says what each means', () => {
    for (const [name, , , meaning = ''] of rows) expect(meaning.length, name).toBeGreaterThan(15);
  });

  test('names every alert', () => {
    expect(rules.filter(({ alert }) => !page.includes(`\`${alert}\``)).map(({ alert }) => alert)).toEqual([]);
  });

  test('says what values a label has', () => {
    const values = tableRows(page).filter(([, , third]) => third === undefined);
    const words = new Map(values.map(([label = '', list = '']) => [codeIn(label)[0], codeIn(list)]));
    for (const [metric, labels] of figures.words) {
      for (const [label, list] of Object.entries(labels)) {
        if (list === null || label === 'version') continue;
        const documented = words.get(label) ?? [];
        expect(
          list.filter((word) => !documented.includes(word)),
          `${label} of ${metric}`,
        ).toEqual([]);
      }
    }
  });
});

describe('these tests see what they forbid', () => {
  test.each([
    ['breakglass_checks', 'there is no breakglass_checks'],
    ['breakglass_check_duration_seconds', 'there is no breakglass_check_duration_seconds'],
    ['breakglass_ready_bucket', 'there is no breakglass_ready_bucket'],
    ['breakglass_ready{pool="work"}', 'breakglass_ready has no pool'],
    ['breakglass_checks_total{answer=~"allowed|granted"}', 'breakglass_checks_total has no answer="granted"'],
    ['sum by (tenant) (breakglass_ready)', 'nothing has tenant'],
    [
      'rate(breakglass_check_duration_seconds_bucket{le="5"}[5m])',
      'breakglass_check_duration_seconds_bucket: le is not to be matched',
    ],
  ])('%s', (expression, mistake) => expect(mistakesIn(expression)).toEqual([mistake]));

  test('what is no question', () => {
    expect(() => mistakesIn('sum(breakglass_ready')).toThrow('No PromQL');
  });
});
