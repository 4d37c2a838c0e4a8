/**
 * Prometheus's text (0.0.4) as OpenMetrics 1.0 has it: a counter's family goes without `_total`, no line is empty, and
 * the end is said. The client library would rename its metrics for that, for every scrape that follows.
 */
export function openMetrics(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '');
  const counters = new Set(lines.flatMap((line) => /^# TYPE (\S+)_total counter$/.exec(line)?.[1] ?? []));
  const renamed = lines.map((line) =>
    line.replace(/^# (HELP|TYPE) (\S+)_total /, (whole, word: string, family: string) =>
      counters.has(family) ? `# ${word} ${family} ` : whole,
    ),
  );
  return `${renamed.join('\n')}\n# EOF\n`;
}
