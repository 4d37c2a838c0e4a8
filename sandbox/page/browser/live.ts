/** The line to the sandbox: numbered requests, each answered once; it comes back by itself when it breaks. */
import type { Act, News, Outcome, Request } from '../wire.ts';

/** As much of a WebSocket as is used here. */
export type Wire = Pick<WebSocket, 'send' | 'close' | 'readyState' | 'addEventListener'>;

export interface LineOptions {
  connect: () => Wire;
  onNews: (news: News) => void;
  /** Whether there is a line, whenever that changes. */
  onLine: (isThere: boolean) => void;
  /** The sandbox knows nobody by the name in the address; it is not asked again. */
  onNobody: () => void;
}

export interface Line {
  /** Never rejects: where the sandbox is not there, that is the outcome. */
  send(act: Act): Promise<Outcome>;
  /** Hangs up for good. */
  hangUp(): void;
}

const gone: Outcome = {
  kind: 'refused',
  why: 'The sandbox is not there. It comes back by itself when it runs again.',
};

/** Between two tries (ms): soon at first, so that a restart is hardly seen. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
const OPEN = 1;
/** What the sandbox hangs up with where a window makes no sense to it. */
const SENSELESS = 1008;

export function openLine({ connect, onNews, onLine, onNobody }: LineOptions): Line {
  const waiting = new Map<number, (outcome: Outcome) => void>();
  let number = 0;
  let pause = FIRST_PAUSE_MS;
  let again: ReturnType<typeof setTimeout> | undefined;
  let hungUp = false;
  let wire = dial();

  function dial(): Wire {
    const fresh = connect();
    const ours = () => fresh === wire && !hungUp;
    fresh.addEventListener('open', () => {
      pause = FIRST_PAUSE_MS;
      if (ours()) onLine(true);
    });
    fresh.addEventListener('message', ({ data }) => ours() && hear(String(data)));
    fresh.addEventListener('close', ({ code }) => ours() && (code === SENSELESS ? turnedAway() : lost()));
    return fresh;
  }

  function hear(text: string): void {
    const news: News = JSON.parse(text);
    if (news.kind === 'outcome') {
      waiting.get(news.id)?.(news.outcome);
      waiting.delete(news.id);
    } else {
      onNews(news);
    }
  }

  function lost(): void {
    nobodyAnswers();
    onLine(false);
    again = setTimeout(() => {
      wire = dial();
    }, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }

  function turnedAway(): void {
    nobodyAnswers();
    onNobody();
  }

  function nobodyAnswers(): void {
    for (const answer of waiting.values()) answer(gone);
    waiting.clear();
  }

  return {
    send(act) {
      if (hungUp || wire.readyState !== OPEN) return Promise.resolve(gone);
      const request: Request = { id: number++, act };
      return new Promise((resolve) => {
        waiting.set(request.id, resolve);
        wire.send(JSON.stringify(request));
      });
    },
    hangUp() {
      hungUp = true;
      clearTimeout(again);
      nobodyAnswers();
      wire.close();
    },
  };
}
