import { parser } from '@prometheus-io/lezer-promql';

/** What a question to Prometheus is about. */
export interface Asked {
  /** Series by name, and what their labels must be. */
  selected: { name: string; matched: { label: string; operator: string; value: string }[] }[];
  /** Labels that series are added up or compared by. */
  grouped: string[];
}

/** Reads a question with Prometheus's own grammar; what Grafana fills in before it asks is filled in here. */
export function asked(expression: string): Asked {
  const text = expression.replaceAll('$__rate_interval', '5m');
  const found: Asked = { selected: [], grouped: [] };
  const cut = ({ from, to }: { from: number; to: number }) => text.slice(from, to);
  parser.parse(text).iterate({
    enter: ({ node }) => {
      if (node.type.isError) throw new Error(`No PromQL at ${node.from}: ${text}`);
      if (node.name === 'VectorSelector') {
        const name = node.getChild('Identifier');
        if (!name) throw new Error(`A selector without a name: ${cut(node)}`);
        found.selected.push({ name: cut(name), matched: [] });
      }
      if (node.name === 'UnquotedLabelMatcher') {
        const [label, operator, value] = ['LabelName', 'MatchOp', 'StringLiteral'].map((part) => node.getChild(part));
        if (!label || !operator || !value) throw new Error(`No matcher: ${cut(node)}`);
        found.selected.at(-1)?.matched.push({
          ...{ label: cut(label), operator: cut(operator), value: cut(value).slice(1, -1) },
        });
      }
      if (node.name === 'GroupingLabels') found.grouped.push(...node.getChildren('LabelName').map(cut));
    },
  });
  return found;
}
