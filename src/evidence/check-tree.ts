import { type Head, openHead, tenantOrigin } from './checkpoint.ts';
import { Frontier, leafHash } from './merkle.ts';
import type { Verifier } from './note.ts';
import { STORED_EVERY } from './proofs.ts';

/** A leaf of the tree as it is stored, and the row that it is of. */
export interface StoredLeaf {
  leaf: number;
  hash: Buffer;
  tenant: string | null;
  tenantLeaf: number | null;
  /** The row's number. */
  row: string;
  /** The exact text; null where the row is gone. */
  entry: string | null;
  /** Whether the columns for searching say what the text says. */
  columnsAgree: boolean;
}

/** A head as it is stored. */
export interface StoredHead {
  tenant: string | null;
  size: number;
  root: Buffer;
  note: string;
}

/** A head that somebody held on to, opened with a key that they trust. */
export type HeldHead = Head;

interface TreeGrounds {
  /** Keys that are trusted, whatever the database says. */
  verifiers: readonly Verifier[];
  held: readonly HeldHead[];
  /** The stored root of a subtree; undefined where none is stored. */
  storedNode: (tenant: string | null, level: number, index: number) => Buffer | undefined;
}

/**
 * Follows a sealed history leaf by leaf and head by head, and says what is not as it was sealed. What it names first is
 * the first that is wrong; behind a place from which nothing fits any more it says nothing further of that tree.
 */
export class TreeCheck {
  readonly findings: string[] = [];
  readonly #grounds: TreeGrounds;
  readonly #whole = Frontier.empty();
  readonly #tenants = new Map<string, Frontier>();
  /** Trees that went wrong: nothing behind that place can be compared. */
  readonly #lost = new Set<string | null>();
  #log: string | null = null;
  #vouched = 0;
  #heads = 0;

  constructor(grounds: TreeGrounds) {
    this.#grounds = grounds;
    for (const { origin } of grounds.held) this.#log ??= origin.replace(/\/tenant\/.*$/, '');
  }

  /** How many leaves there were. */
  get size(): number {
    return this.#whole.size;
  }

  /** How many heads were looked at. */
  get heads(): number {
    return this.#heads;
  }

  leaf(stored: StoredLeaf): void {
    const { leaf, row, entry, hash, columnsAgree } = stored;
    if (this.#lost.has(null)) return;
    if (leaf !== this.#whole.size) {
      const between = `between entry ${this.#whole.size} and entry ${leaf}`;
      this.#lose(null, `entry ${this.#whole.size} is missing from the sealed history (${between} nothing is left)`);
      return;
    }
    if (entry === null)
      this.findings.push(`entry ${leaf} (row ${row}) was removed: it was sealed, and is not there any more`);
    else if (!leafHash(entry).equals(hash)) {
      this.findings.push(
        `entry ${leaf} (row ${row}) was changed: its text is not the one that was sealed. It says: ${shown(entry)}`,
      );
    } else if (!columnsAgree) {
      this.findings.push(
        `entry ${leaf} (row ${row}): its text is as sealed, but the columns for searching say something else`,
      );
    }
    this.#grow(null, this.#whole, hash);
    if (stored.tenant !== null) this.#tenantLeaf(stored.tenant, stored);
  }

  #tenantLeaf(tenant: string, { leaf, hash, tenantLeaf }: StoredLeaf): void {
    const tree = this.#tenants.get(tenant) ?? Frontier.empty();
    this.#tenants.set(tenant, tree);
    if (this.#lost.has(tenant)) return;
    if (tenantLeaf !== tree.size) {
      this.#lose(
        tenant,
        `entry ${leaf} is counted as number ${tenantLeaf} of tenant ${tenant}, which has ${tree.size} before it`,
      );
      return;
    }
    this.#grow(tenant, tree, hash);
  }

  #grow(tenant: string | null, tree: Frontier, hash: Buffer): void {
    tree.append(hash, ({ level, index }, root) => {
      if (level % STORED_EVERY !== 0 || this.#lost.has(tenant)) return;
      const stored = this.#grounds.storedNode(tenant, level, index);
      if (stored?.equals(root)) return;
      const [from, to] = [index * 2 ** level, (index + 1) * 2 ** level - 1];
      this.findings.push(
        `${of(tenant)}: the stored hash of entries ${from} to ${to} is ${stored ? 'not that of these entries' : 'missing'}`,
      );
    });
    this.#compareHeld(tenant, tree);
  }

  #compareHeld(tenant: string | null, tree: Frontier): void {
    if (this.#grounds.held.length === 0 || this.#lost.has(tenant)) return;
    const origin = this.#originOf(tenant);
    for (const held of this.#grounds.held) {
      if (held.origin !== origin || held.size !== tree.size || held.root.equals(tree.root())) continue;
      this.#lose(
        tenant,
        `${of(tenant)} is not what it was: at ${held.size} entries it differs from the checkpoint that was held. ${this.#interval(tenant, held.size)}`,
      );
    }
  }

  /** A head, in the order in which they were signed: after the leaves that it covers, before the next one. */
  head(stored: StoredHead): void {
    this.#heads += 1;
    const name = `the checkpoint of ${stored.size} entries of ${of(stored.tenant)}`;
    const opened = openHead(stored.note, this.#grounds.verifiers);
    if (opened === null) {
      this.findings.push(`${name} is not signed by a key that is trusted here, or was changed`);
      return;
    }
    this.#log ??= opened.by.name;
    if (
      opened.origin !== this.#originOf(stored.tenant) ||
      opened.size !== stored.size ||
      !opened.root.equals(stored.root)
    ) {
      this.findings.push(`${name} says something else than its signed text: ${opened.origin}, ${opened.size} entries`);
      return;
    }
    this.#compare(stored, name);
  }

  #compare({ tenant, size, root }: StoredHead, name: string): void {
    const tree = tenant === null ? this.#whole : this.#tenants.get(tenant);
    if (this.#lost.has(tenant)) return;
    if (tree?.size !== size) {
      this.#lose(
        tenant,
        `${name} was signed where the history has ${tree?.size ?? 0} entries: some are missing, or were put in`,
      );
    } else if (!tree.root().equals(root)) {
      this.#lose(tenant, `${name} does not fit the entries. ${this.#interval(tenant, size)}`);
    } else if (tenant === null) this.#vouched = size;
  }

  /** To be called when everything was seen. */
  end(): void {
    for (const held of this.#grounds.held) {
      const tenant = /\/tenant\/(.*)$/.exec(held.origin)?.[1] ?? null;
      const size = tenant === null ? this.#whole.size : (this.#tenants.get(tenant)?.size ?? 0);
      if (held.origin !== this.#originOf(tenant))
        this.findings.push(`a checkpoint that was held is of another log: ${held.origin}`);
      else if (held.size > size && !this.#lost.has(tenant)) {
        this.findings.push(
          `${of(tenant)} has ${size} entries, and a checkpoint that was held has ${held.size}: the end was cut off, or this is an older copy`,
        );
      }
    }
    if (this.#vouched < this.#whole.size && !this.#lost.has(null)) {
      this.findings.push(
        `entries ${this.#vouched} to ${this.#whole.size - 1} are numbered, and no signed checkpoint covers them`,
      );
    }
  }

  #originOf(tenant: string | null): string {
    const log = this.#log ?? this.#grounds.verifiers[0]?.name ?? '';
    return tenant === null ? log : tenantOrigin(log, tenant);
  }

  /** What is as narrow as can be proven. */
  #interval(tenant: string | null, size: number): string {
    const from = tenant === null ? this.#vouched : 0;
    return `Among entries ${from} to ${size - 1} some were changed, removed, inserted or reordered, and hashes made to fit`;
  }

  #lose(tenant: string | null, finding: string): void {
    this.#lost.add(tenant);
    this.findings.push(finding);
  }
}

const of = (tenant: string | null): string =>
  tenant === null ? 'the whole history' : `the history of tenant ${tenant}`;
const shown = (entry: string): string => (entry.length <= 300 ? entry : `${entry.slice(0, 299)}…`);
