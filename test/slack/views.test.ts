import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asObject, asString, type JsonObject, objectsIn } from '../../sandbox/slack/json.ts';
import type { Grant } from '../../src/domain/grant.ts';
import type { Place } from '../../src/domain/notices.ts';
import { type CardSubject, card, type Message } from '../../src/slack/views/card.ts';
import { frozen } from '../domain/builders.ts';
import { filledWith, greedy, harmless, subject, subjectAndPlaces, ticketSite } from './views-grants.ts';
import { markupIn, objectionsTo, wire, wordsOf } from './views-markup.ts';

/** Every card of a grant: one for each place where somebody reads it. */
const cards = ({ subject: of, places }: { subject: CardSubject; places: Place[] }) =>
  places.map((reader) => ({ reader, of, message: card(of, reader) }));

type Card = ReturnType<typeof cards>[number];
const everyCard = (rule: (card: Card) => void) =>
  fc.assert(
    fc.property(subjectAndPlaces, (made) => {
      for (const each of cards(made)) rule(each);
    }),
    { numRuns: 500 },
  );

const elements = ({ blocks }: Message): JsonObject[] =>
  objectsIn(wire(blocks))
    .filter(({ type }) => type === 'actions')
    .flatMap((row) => objectsIn(row.elements));
const pressed = (message: Message) => elements(message).map(({ action_id: id, value }) => `${id} ${value}`);

/** What is so at a moment, by the clock alone. */
function stands({ status, lapsesAt }: Grant, now: Date): 'waits' | 'runs' | 'over' {
  if (status.state === 'requested') return now < lapsesAt ? 'waits' : 'over';
  return status.state === 'active' && now < status.expiresAt ? 'runs' : 'over';
}

/** The buttons of a reader, from the table of verbs and not from the view. */
function buttonsFor({ grant, now }: CardSubject, { audience, legs }: Place): string[] {
  const state = stands(grant, now);
  const attach = grant.kind === 'break_glass' && 'activatedAt' in grant.status ? [`attach ${grant.id}`] : [];
  if (audience === 'requester') return [...own(state, grant.id), ...attach];
  if (state === 'over') return [];
  if (state === 'runs') return [`revoke ${grant.id}`];
  const open = legs.filter((role) => grant.legs.some((leg) => leg.role === role && leg.decision === null));
  const verbs = grant.minutesGranted > 1 ? ['approve', 'approve_shorter', 'deny'] : ['approve', 'deny'];
  return open.flatMap((role) => verbs.map((verb) => `${verb} ${grant.id}:${role}`));
}

const own = (state: ReturnType<typeof stands>, id: string): string[] =>
  ({ waits: [`withdraw ${id}`], runs: [`end ${id}`], over: [] })[state];

describe('a card, whatever was typed, in every state, before and after what is due, wherever it stands', () => {
  test('is taken by Slack and keeps the margin below what Slack refuses', () => {
    everyCard(({ message }) => expect(objectionsTo(message)).toEqual([]));
  });

  test('is taken by Slack when every field is full of what takes the most room', () => {
    fc.assert(
      fc.property(subjectAndPlaces, greedy, ({ subject: of, places }, character) => {
        for (const reader of places) expect(objectionsTo(card(filledWith(of, character), reader))).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  test('is the same for the same grant, and changes nothing of it', () => {
    everyCard(({ of, reader, message }) => {
      const before = structuredClone(of);
      expect(card(frozen(of), frozen(reader))).toEqual(message);
      expect(of).toEqual(before);
    });
  });

  test('has the buttons of what its reader can do now, each with the grant’s id and its leg, and no others', () => {
    everyCard(({ of, reader, message }) => expect(pressed(message)).toEqual(buttonsFor(of, reader)));
  });

  test('lets nobody decide who only asked or is only informed', () => {
    everyCard(({ of }) => {
      for (const audience of ['requester', 'informed'] as const) {
        const message = card(of, { audience, legs: [] });
        expect(pressed(message).filter((each) => !/^(end|withdraw|revoke|attach) /.test(each))).toEqual([]);
      }
    });
  });

  test('asks for confirmation before a break-glass session or a recovery is approved, and for nothing else', () => {
    everyCard(({ of, message }) => {
      const grave = of.grant.kind === 'break_glass' || of.grant.scope === 'workspace_recovery';
      for (const { action_id: id, confirm } of elements(message)) {
        expect(asObject(confirm) !== undefined).toBe(id === 'approve' && grave);
      }
    });
  });

  test('says for how long while it runs, in the reader’s own time', () => {
    everyCard(({ of: { grant, now }, message }) => {
      if (grant.status.state !== 'active') return;
      const seconds = Math.floor(grant.status.expiresAt.getTime() / 1000);
      const due = now >= grant.status.expiresAt;
      expect(JSON.stringify(message.blocks)).toContain(`${due ? 'Expired' : 'Active until'} <!date^${seconds}^`);
    });
  });

  test('has no mark, mention, link or line more than had everybody typed letters', () => {
    everyCard(({ of, reader, message }) => expect(markupIn(message)).toEqual(markupIn(card(harmless(of), reader))));
  });

  test('links a ticket to the configured site and to nowhere else, with all that was typed as one part of it', () => {
    everyCard(({ of: { grant, ticketLink }, message }) => {
      const links = wordsOf(message).flatMap(({ markup, text }) =>
        markup ? [...text.matchAll(/<(\w+:[^|>]*)\|/g)] : [],
      );
      expect(links).toHaveLength(ticketLink === null ? 0 : 1);
      for (const [, to = ''] of links) {
        const at = new URL(to.replaceAll('&amp;', '&'));
        expect(at.origin).toBe(ticketSite);
        if (at.pathname === '/find')
          expect([...at.searchParams]).toEqual([
            ['a', '1'],
            ['q', grant.ticket],
          ]);
      }
    });
  });

  test('writes the ticket without a link where the address would be too long for a card', () => {
    everyCard(({ of, reader }) => {
      const long = card({ ...of, ticketLink: `${ticketSite}/${'x'.repeat(1000)}/{ticket}` }, reader);
      expect(objectionsTo(long)).toEqual([]);
      expect(markupIn(long).join()).not.toContain('link');
    });
  });

  test('shows the reason in full, to the last character', () => {
    everyCard(({ of: { grant }, message }) => {
      const [, , reason] = objectsIn(wire(message.blocks));
      // What steers text instead of being read is shown as a mark of its own.
      const seen = grant.reason
        .replace(/\r\n?/g, '\n')
        .replace(/[\u202a-\u202e\u2066-\u2069]|(?=\p{Cc})[^\n\t]/gu, '\ufffd');
      expect(asString(asObject(reason?.text)?.text)).toBe(`Reason: ${seen}`);
    });
  });
});

test('the cards above are of every kind: states, readers, legs decided here, due and not due', () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(subjectAndPlaces, ({ subject: { grant, now }, places }) => {
      for (const { audience, legs } of places) {
        kinds.add(
          `${grant.status.state} ${stands(grant, now)} ${audience} ${audience === 'approvers' ? legs.length : ''}`,
        );
      }
    }),
    { numRuns: 5_000 },
  );
  const states = ['requested waits', 'requested over', 'active runs', 'active over', 'denied over', 'revoked over'];
  for (const state of states) {
    for (const reader of ['approvers 1', 'approvers 2', 'approvers 3', 'informed ', 'requester ']) {
      expect(kinds).toContain(`${state} ${reader}`);
    }
  }
});

test('a card says where Slack shows no blocks what it is about, in words of ours', () => {
  fc.assert(
    fc.property(subject, (of) => {
      const { text } = card(of, { audience: 'requester', legs: [] });
      expect(text).toMatch(/^(Break-glass|Support access): [A-Z]/);
      expect(text).toMatch(/ \((waiting for approval|active|ended|revoked|expired|denied|withdrawn|lapsed)\)$/);
    }),
  );
});
