/** A page with nothing but blocks and modals, and a sandbox that says what the test wants; runs in the browser. */
import { render } from 'preact';
import { useState } from 'preact/hooks';
import { Blocks } from '../../../sandbox/page/browser/blocks/blocks.tsx';
import { type Live, ModalStack } from '../../../sandbox/page/browser/blocks/modal.tsx';
import type { Outcome, ShownView } from '../../../sandbox/page/wire.ts';
import type { JsonObject } from '../../../sandbox/slack/json.ts';
import '../../../sandbox/page/browser/theme.css';

export interface Shown {
  blocks: readonly JsonObject[];
  views: readonly ShownView[];
  readOnly: boolean;
}

export interface Stage {
  /** What was done, in order: the kind of act, and what it said. */
  said: [string, unknown][];
  /** How acts of a kind are answered; `done` unless told. */
  answers: { [kind: string]: Outcome };
  /** While true, nothing is answered. */
  holds: boolean;
  release(): void;
  show(change: Partial<Shown>): void;
}

declare global {
  interface Window {
    stage: Stage;
  }
}

const waiting: (() => void)[] = [];

const stage: Stage = {
  said: [],
  answers: {},
  holds: false,
  release: () => {
    stage.holds = false;
    for (const resolve of waiting.splice(0)) resolve();
  },
  show: () => {},
};
window.stage = stage;

async function told(kind: string, said: unknown): Promise<Outcome> {
  stage.said.push([kind, said]);
  if (stage.holds) await new Promise<void>((resolve) => waiting.push(resolve));
  return stage.answers[kind] ?? { kind: 'done' };
}

const live: Live = {
  press: (said) => told('press', said),
  choose: (said) => told('choose', said),
  fill: (said) => told('fill', said),
  options: (said) => told('options', said),
  submit: (said) => told('submit', said),
  close: (said) => told('close', said),
};

const press = async (...said: unknown[]) => {
  await told('pressed', said);
};

const reader = { nameOf: () => undefined, now: new Date('2026-01-01T12:00:00Z') };

function OnStage() {
  const [shown, setShown] = useState<Shown>({ blocks: [], views: [], readOnly: false });
  stage.show = (change) => setShown((before) => ({ ...before, ...change }));
  return (
    <main>
      <button type="button">Before</button>
      <Blocks blocks={shown.blocks} reader={reader} press={press} />
      <button type="button">After</button>
      <ModalStack views={shown.views} reader={reader} live={live} readOnly={shown.readOnly} />
    </main>
  );
}

render(<OnStage />, document.body);
