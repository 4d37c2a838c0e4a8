import type { JSX } from 'preact';
import type { ShownView } from '../../wire.ts';
import type { Live } from './live.ts';
import type { Reader } from './reader.ts';
import { Refusable } from './refusable.tsx';
import { ViewWindow } from './view-window.tsx';

export type { Live } from './live.ts';

/**
 * The views of one person, the top one last; only that one is seen, and those below keep what was entered. With
 * `readOnly` they are only looked at, and nothing keeps the focus from the rest of the page.
 */
export function ModalStack(props: {
  views: readonly ShownView[];
  reader: Reader;
  live: Live;
  readOnly?: boolean | undefined;
}): JSX.Element {
  const { views, reader, live, readOnly = false } = props;
  const top = views.at(-1);
  return (
    <>
      {views.map((view) => (
        <Refusable key={`${view.id} ${readOnly}`} what="window">
          <ViewWindow {...{ view, reader, live, readOnly }} isTop={view === top} />
        </Refusable>
      ))}
    </>
  );
}
