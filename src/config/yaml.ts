import { type Document, isAlias, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { isStorable } from '../domain/text.ts';

/** What a text says, or every reason why it can't be taken: `line 3, column 5: …`. */
export type Reading = { data: unknown } | { mistakes: readonly string[] };

/** A page of aliases would be a bomb, not a configuration: each stands for everything behind its anchor. */
const MOST_ALIASES = 100;

/** Errors that stand alone, as all warnings do. Of all others only the first is told: what follows is its echo. */
const independent: ReadonlySet<string> = new Set(['DUPLICATE_KEY', 'NON_STRING_KEY']);

/** Reads one YAML document as plain data. Never throws: what is wrong with the text comes as lines. */
export function readYaml(text: string): Reading {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, stringKeys: true });
  const at = (offset: number, what: string): string => {
    const { line, col } = counter.linePos(offset);
    return `line ${line}, column ${col}: ${what}`;
  };
  const first = document.errors.find(({ code }) => !independent.has(code));
  const told = [
    ...document.errors.filter((error) => independent.has(error.code) || error === first),
    ...document.warnings,
  ];
  if (told.length > 0)
    return { mistakes: told.map(({ code, message, pos }) => at(pos[0], inOurWords[code] ?? message)) };
  if (text.includes('\0')) return { mistakes: [at(text.indexOf('\0'), UNSTORABLE)] };
  try {
    const wrong = unusable(document);
    if (wrong.length > 0) return { mistakes: wrong.map(({ node, what }) => at(node.range?.[0] ?? 0, what)) };
    return { data: document.toJS({ maxAliasCount: MOST_ALIASES }) };
  } catch (error) {
    return { mistakes: [`the file: expected less nesting and fewer aliases (${String(error)})`] };
  }
}

const UNSTORABLE = 'expected text without NUL characters and halves of surrogate pairs';

const inOurWords: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'expected one document, found another',
  NON_STRING_KEY: 'expected a word as the key',
  RESOURCE_EXHAUSTION: 'expected less nesting',
};

/** What YAML allows and data can't be made of, or what would be dropped without a word. */
function unusable(document: Document): { node: Node; what: string }[] {
  const wrong: { node: Node; what: string }[] = [];
  const anchors = new Map<string, Node>();
  visit(document, {
    Node: (key, node, path) => {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target === undefined) wrong.push({ node, what: `expected an anchor before its alias *${node.source}` });
        else if (path.includes(target))
          wrong.push({ node, what: `expected no alias inside its anchor &${node.source}` });
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (!isScalar(node) || typeof node.value !== 'string') return;
      if (!isStorable(node.value)) wrong.push({ node, what: UNSTORABLE });
      if (key === 'key' && node.value === '__proto__') wrong.push({ node, what: 'expected no key "__proto__"' });
    },
  });
  return wrong;
}
