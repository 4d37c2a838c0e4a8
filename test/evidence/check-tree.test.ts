import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type StoredHead, type StoredLeaf, TreeCheck } from '../../src/evidence/check-tree.ts';
import { signHead, tenantOrigin } from '../../src/evidence/checkpoint.ts';
import { Frontier, leafHash } from '../../src/evidence/merkle.ts';
import { STORED_EVERY } from '../../src/evidence/proofs.ts';
import { aSigner, LOG } from '../support/sealing.ts';

const signer = aSigner();
type Step = { leaf: StoredLeaf } | { head: StoredHead };
interface History {
  steps: Step[];
  nodes: Map<string, Buffer>;
}

/** A history as the sealer leaves it: leaves in batches, each with its heads behind it. */
function sealed(batches: readonly (readonly (string | null)[])[], text = 'entry'): History {
  const trees = new Map<string | null, Frontier>([[null, Frontier.empty()]]);
  const treeOf = (tenant: string | null) => {
    const tree = trees.get(tenant) ?? Frontier.empty();
    trees.set(tenant, tree);
    return tree;
  };
  const history: History = { steps: [], nodes: new Map() };
  const grow = (tenant: string | null, hash: Buffer) =>
    treeOf(tenant).append(hash, ({ level, index }, root) => {
      if (level % STORED_EVERY === 0) history.nodes.set(`${tenant ?? ''}/${level}/${index}`, root);
    });
  for (const batch of batches) {
    for (const tenant of batch) {
      const leaf = treeOf(null).size;
      const entry = `{"v":1,"id":${leaf + 1},"text":"${text} ${leaf}"}`;
      const hash = leafHash(entry);
      const tenantLeaf = tenant === null ? null : treeOf(tenant).size;
      history.steps.push({
        leaf: { leaf, hash, tenant, tenantLeaf, row: String(leaf + 1), entry, columnsAgree: true },
      });
      grow(null, hash);
      if (tenant !== null) grow(tenant, hash);
    }
    for (const tenant of new Set([null, ...batch])) {
      const { size, root } = { size: treeOf(tenant).size, root: treeOf(tenant).root() };
      const origin = tenant === null ? LOG : tenantOrigin(LOG, tenant);
      history.steps.push({ head: { tenant, size, root, note: signHead({ origin, size, root }, signer) } });
    }
  }
  return history;
}

function findings({ steps, nodes }: History, held: ConstructorParameters<typeof TreeCheck>[0]['held'] = []): string[] {
  const check = new TreeCheck({
    verifiers: [signer.verifier],
    held,
    storedNode: (tenant, level, index) => nodes.get(`${tenant ?? ''}/${level}/${index}`),
  });
  for (const step of steps) {
    if ('leaf' in step) check.leaf(step.leaf);
    else check.head(step.head);
  }
  check.end();
  return check.findings;
}

const tenants = fc.constantFrom(null, 'acme', 'globex');
const histories = fc.array(fc.array(tenants, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 8 });
const flipped = (bytes: Buffer, bit: number) => {
  const changed = Buffer.from(bytes);
  changed[Math.floor(bit / 8) % 32] = (changed[Math.floor(bit / 8) % 32] ?? 0) ^ (1 << (bit % 8));
  return changed;
};

const isLeaf = (step: Step): step is { leaf: StoredLeaf } => 'leaf' in step;
const isHead = (step: Step): step is { head: StoredHead } => 'head' in step;

/** One thing that somebody does to a history, at a place of their choice; null where it would change nothing. */
const tampering: Readonly<Record<string, (steps: Step[], at: number) => Step[] | null>> = {
  'changes the text of an entry': (steps, at) => withLeaf(steps, at, (leaf) => ({ ...leaf, entry: `${leaf.entry} ` })),
  'changes the hash of an entry': (steps, at) =>
    withLeaf(steps, at, (leaf) => ({ ...leaf, hash: flipped(leaf.hash, at) })),
  'changes both, to fit': (steps, at) =>
    withLeaf(steps, at, (leaf) => ({ ...leaf, entry: `${leaf.entry} `, hash: leafHash(`${leaf.entry} `) })),
  'removes the row of an entry': (steps, at) => withLeaf(steps, at, (leaf) => ({ ...leaf, entry: null })),
  'removes an entry': (steps, at) => steps.toSpliced(placeOf(steps, isLeaf, at), 1),
  'removes an entry and numbers the others anew': (steps, at) =>
    numbered(steps.toSpliced(placeOf(steps, isLeaf, at), 1)),
  'inserts an entry and numbers the others anew': (steps, at) => {
    const place = placeOf(steps, isLeaf, at);
    const forged: StoredLeaf = {
      ...{
        leaf: 0,
        hash: leafHash('forged'),
        tenant: null,
        tenantLeaf: null,
        row: '0',
        entry: 'forged',
        columnsAgree: true,
      },
    };
    return numbered(steps.toSpliced(place, 0, { leaf: forged }));
  },
  'swaps two entries': (steps, at) => {
    const places = steps.flatMap((step, i) => (isLeaf(step) ? [i] : []));
    const [one, other] = [places[at % places.length] ?? 0, places[(at + 1) % places.length] ?? 0];
    if (one === other) return null;
    return numbered(steps.with(one, steps[other] as Step).with(other, steps[one] as Step));
  },
  'gives an entry to another tenant': (steps, at) =>
    withLeaf(steps, at, (leaf) => ({ ...leaf, tenant: leaf.tenant === 'acme' ? 'globex' : 'acme', tenantLeaf: 99 })),
  'counts an entry of a tenant otherwise': (steps, at) =>
    withLeaf(steps, at, (leaf) => (leaf.tenantLeaf === null ? null : { ...leaf, tenantLeaf: leaf.tenantLeaf + 1 })),
  'changes the size of a head': (steps, at) => withHead(steps, at, (head) => ({ ...head, size: head.size + 1 })),
  'changes the root of a head': (steps, at) =>
    withHead(steps, at, (head) => ({ ...head, root: flipped(head.root, at) })),
  'changes the text of a head': (steps, at) =>
    withHead(steps, at, (head) => ({ ...head, note: head.note.replace(`\n${head.size}\n`, `\n${head.size + 1}\n`) })),
  'signs a head with another key': (steps, at) =>
    withHead(steps, at, (head) => ({ ...head, note: signHead({ ...head, origin: LOG }, aSigner()) })),
  'puts a head of another tree in its place': (steps, at) =>
    withHead(steps, at, (head) => ({ ...head, tenant: head.tenant === null ? 'acme' : null })),
  'removes the last head of everything': (steps) => {
    const last = steps.findLastIndex((step) => isHead(step) && step.head.tenant === null);
    return steps.toSpliced(last, 1);
  },
};

const placeOf = (steps: Step[], is: (step: Step) => boolean, at: number): number => {
  const places = steps.flatMap((step, i) => (is(step) ? [i] : []));
  return places[at % places.length] ?? 0;
};

function withLeaf(steps: Step[], at: number, change: (leaf: StoredLeaf) => StoredLeaf | null): Step[] | null {
  const place = placeOf(steps, isLeaf, at);
  const step = steps[place];
  const changed = step && isLeaf(step) ? change(step.leaf) : null;
  return changed && steps.with(place, { leaf: changed });
}

function withHead(steps: Step[], at: number, change: (head: StoredHead) => StoredHead): Step[] {
  const place = placeOf(steps, isHead, at);
  const step = steps[place];
  return step && isHead(step) ? steps.with(place, { head: change(step.head) }) : steps;
}

/** Somebody who tampers makes the numbers fit again. */
function numbered(steps: Step[]): Step[] {
  const counts = new Map<string | null, number>();
  const next = (tenant: string | null): number => {
    const count = counts.get(tenant) ?? 0;
    counts.set(tenant, count + 1);
    return count;
  };
  return steps.map((step) => {
    if (!isLeaf(step)) return step;
    const leaf = next('everything');
    return { leaf: { ...step.leaf, leaf, tenantLeaf: step.leaf.tenant === null ? null : next(step.leaf.tenant) } };
  });
}

test('a history that nobody touched verifies, whatever it is', () => {
  fc.assert(
    fc.property(histories, (batches) => {
      expect(findings(sealed(batches))).toEqual([]);
    }),
  );
});

describe('of a history of any shape, somebody is found who', () => {
  test.each(Object.entries(tampering))('%s', (_, tamper) => {
    fc.assert(
      fc.property(histories, fc.nat(), (batches, at) => {
        const { steps, nodes } = sealed(batches);
        const tampered = tamper(steps, at);
        fc.pre(tampered !== null);
        const found = findings({ steps: tampered ?? steps, nodes });
        expect(found.length).toBeGreaterThan(0);
      }),
    );
  });

  test('changes a stored hash above the leaves, which is named by its stretch', () => {
    const history = sealed([Array.from({ length: 600 }, (_, i) => (i % 2 ? 'acme' : null))]);
    expect(findings(history)).toEqual([]);
    for (const name of history.nodes.keys()) {
      const nodes = new Map(history.nodes).set(name, leafHash('x'));
      expect(findings({ ...history, nodes })).toEqual([expect.stringContaining('is not that of these entries')]);
      nodes.delete(name);
      expect(findings({ ...history, nodes })).toEqual([expect.stringContaining('is missing')]);
    }
  });
});

describe('what is named first is the first that is wrong', () => {
  test('one entry, by its number and its row', () => {
    fc.assert(
      fc.property(histories, fc.nat(), (batches, any) => {
        const { steps, nodes } = sealed(batches);
        const leaf = any % steps.filter(isLeaf).length;
        const changed = withLeaf(steps, leaf, (was) => ({ ...was, entry: 'something else' })) ?? steps;
        expect(findings({ steps: changed, nodes })).toEqual([
          `entry ${leaf} (row ${leaf + 1}) was changed: its text is not the one that was sealed. It says: something else`,
        ]);
      }),
    );
  });

  test('or the narrowest stretch between two heads, where the hashes were made to fit', () => {
    const history = sealed([[null, null], [null, null, null], [null]]);
    const steps = tampering['changes both, to fit']?.(history.steps, 3) ?? [];
    expect(findings({ ...history, steps })).toEqual([
      'the checkpoint of 5 entries of the whole history does not fit the entries. Among entries 2 to 4 some were changed, removed, inserted or reordered, and hashes made to fit',
    ]);
  });
});

describe('a head that somebody held on to', () => {
  const history = sealed([['acme', null], [null, 'acme'], ['globex']]);
  const headAt = (size: number, tenant: string | null = null) => {
    const found = history.steps.filter(isHead).find(({ head }) => head.size === size && head.tenant === tenant);
    if (!found) throw new Error('There is no such head.');
    return { origin: tenant === null ? LOG : tenantOrigin(LOG, tenant), size, root: found.head.root };
  };

  test('fits an untouched history, of everything and of a tenant', () => {
    expect(findings(history, [headAt(2), headAt(4), headAt(5), headAt(2, 'acme')])).toEqual([]);
  });

  test('does not fit another history that was sealed with the same key', () => {
    const other = sealed([['acme', null], [null, 'acme'], ['globex']], 'another entry');
    expect(findings(other)).toEqual([]);
    expect(findings(other, [headAt(4)]).join()).toContain('differs from the checkpoint that was held');
  });

  test('is longer than a history whose end was cut off', () => {
    const cut = sealed([['acme', null]]);
    expect(findings(cut, [headAt(4)])).toEqual([
      expect.stringContaining('the end was cut off, or this is an older copy'),
    ]);
    expect(findings(cut, [headAt(2, 'acme')])).toEqual([
      expect.stringContaining('the history of tenant acme has 1 entries'),
    ]);
  });
});
