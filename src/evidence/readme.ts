import type { Verifier } from './note.ts';
import { type Told, titleOf } from './report.ts';

const range = `The entries are one stretch of the signed history without a gap. proof.json has the roots
of what stands before and after it, so that all of it is proven at once: nothing in the stretch was
changed, removed, inserted or reordered. Where the stretch does not begin or end with the history, one
entry beside the window, or a few, show where the window ends; they are in entries.jsonl only.`;
const inclusion = `Each entry is proven to be in the signed history, by a line of proofs.jsonl. These proofs do not
say that no entry about this access is missing: a bundle of the tenant or of a window of time says that.`;

/** What all this is, for whoever opens the bundle first. */
export function readmeText(told: Told, key: Verifier): string {
  const { selection, made, tree, population } = told;
  const whole = selection.kind === 'window' && selection.tenant === null;
  return `${titleOf(told)}

Made ${made.at} by ${oneLine(made.by)}, from the log ${told.log}.
${population.entries} entries, proven against the signed checkpoint of ${tree.size} entries.
Entries that were written after that checkpoint are not in here.

To verify

  node breakglass-verify.cjs THIS.zip --key PUBLIC-KEY

or "breakglass verify" in the same way. Take the public key from where you trust it to come from, never
from this bundle. The maker says it is this one:

  ${key.text}

With checkpoints that you held on to (from Slack, mail, a ticket): add --checkpoint FILE for each.
The exit code is 0 where everything holds, 1 where something does not, with a line for each.

What proves what

  checkpoint.txt      signed: how many entries there are, and the root of their tree
                      (C2SP tlog-checkpoint, RFC 9162)
  entries.jsonl       the exact text of each entry, one a line
  ${selection.kind === 'grant' ? 'proofs.jsonl ' : 'leaves.txt   '}       what was sealed of each entry, in the same order
  proof.json          how they lead to the checkpoint
  checkpoints.jsonl   earlier checkpoints that were sent to people, each with the proof that this one
                      extends it
  manifest.json       every file with its hash, and how many entries there are of what
  manifest.sig.txt    the manifest's signature

${selection.kind === 'grant' ? inclusion : range}

For reading

  report.html         the sessions, each with a picture
  controls.html       which part answers which control

As tables (.jsonl and .csv), made from the entries alone; verifying makes them again and compares

  requests, approvals, waivers, lifecycle, uses, reviews, attachments, policies, other

With their hash in an entry

  attachments/        what was attached, as it was sent
  ${whole ? 'policies/           the configurations that requests were made under' : '(The configurations are named by their hash only: their text names other tenants.)'}

From tables that are not sealed: as the database had it when this was made, nothing more

  notices             who was told, where, when
  tenants             the tenants' keys and names

In a CSV, an apostrophe before a sign that a spreadsheet would take for a formula is ours.
`;
}

const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
