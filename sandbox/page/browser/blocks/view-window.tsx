import type { JSX, RefObject } from 'preact';
import { useEffect, useId, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { asObject, isSame, objectsIn } from '../../../slack/json.ts';
import type { ShownView } from '../../wire.ts';
import { BlockList } from './block-list.tsx';
import { useModal } from './dialog.ts';
import type { Live } from './live.ts';
import type { Reader } from './reader.ts';
import { refuseView } from './refused.ts';
import { Words, wordsIn } from './texts.tsx';
import { useViewForm, type ViewForm } from './view-form.ts';

interface ViewWindowProps {
  view: ShownView;
  reader: Reader;
  live: Live;
  readOnly: boolean;
  isTop: boolean;
}

const FIELDS = 'input, textarea';

/**
 * The first field has the focus when the window opens, the first wrong one when it comes back. A view that the bot has
 * changed gives the focus to its first field unless it is in use.
 */
function useFocus({ view, readOnly, isTop }: ViewWindowProps, refusals: number) {
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => {
    const { current } = form;
    const isInUse = current?.contains(document.activeElement) && !document.activeElement?.matches('.bk-x');
    if (!readOnly && isTop && !isInUse) current?.querySelector<HTMLElement>(FIELDS)?.focus();
  }, [readOnly, view.hash]);
  useEffect(() => {
    if (refusals === 0) return;
    const wrong = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    (wrong?.matches(FIELDS) ? wrong : wrong?.querySelector<HTMLElement>(FIELDS))?.focus();
  }, [refusals]);
  return form;
}

/** Whoever only watches sees what is being filled in, also further down. */
function useSight({ view: { state }, readOnly }: ViewWindowProps, form: RefObject<HTMLFormElement | null>) {
  const before = useRef(state);
  useEffect(() => {
    const changed = Object.keys(state).find((id) => !isSame(state[id] ?? null, before.current[id] ?? null));
    before.current = state;
    if (!readOnly || changed === undefined) return;
    form.current?.querySelector(`[data-block="${CSS.escape(changed)}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [state]);
}

/** What is wrong and belongs to no field that is seen. */
function alertOf({ definition }: ShownView, { wrong }: ViewForm): string | null {
  const inputs = objectsIn(definition.blocks).filter(({ type }) => type === 'input');
  const elsewhere = Object.entries(wrong.fields).filter(([id]) => !inputs.some((block) => block.block_id === id));
  return [...(wrong.form === null ? [] : [wrong.form]), ...elsewhere.map(([, why]) => why)].join(' ') || null;
}

/** One modal. Throws RefusedBlocks where Slack would not take it. */
export function ViewWindow(props: ViewWindowProps): JSX.Element {
  const { view, reader, live, readOnly, isTop } = props;
  const { definition } = view;
  useMemo(() => refuseView(definition), [definition]);
  const id = useId();
  const form = useViewForm(view, live, readOnly);
  const { ref, handlers } = useModal(form.close, !readOnly);
  const fields = useFocus(props, form.refusals);
  useSight(props, fields);
  const alert = alertOf(view, form);
  return (
    <dialog
      ref={ref}
      class={`bk-dialog bk-window ${isTop ? '' : 'bk-below'} ${readOnly ? 'bk-watched' : ''}`}
      aria-labelledby={id}
      open={readOnly && isTop ? true : undefined}
      {...handlers}
    >
      <form
        ref={fields}
        class="bk-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (asObject(definition.submit) !== undefined) form.submit();
        }}
      >
        <div class="bk-head">
          <h2 class="bk-title" id={id}>
            <Words of={definition.title} reader={reader} />
          </h2>
          <button type="button" class="bk-x" aria-label="Close" disabled={readOnly} onClick={form.close}>
            <span aria-hidden="true">×</span>
          </button>
        </div>
        {/* Where nothing in it can be operated, the keyboard has to reach it to scroll. */}
        <div class="bk-body" tabIndex={readOnly ? 0 : undefined}>
          {alert === null ? null : (
            <p class="bk-alert" role="alert">
              {alert}
            </p>
          )}
          <BlockList blocks={definition.blocks ?? []} reader={reader} hand={form.hand} />
        </div>
        <Foot {...{ view, reader, form, readOnly }} />
      </form>
    </dialog>
  );
}

type FootProps = Pick<ViewWindowProps, 'view' | 'reader' | 'readOnly'> & { form: ViewForm };

/** A view without `submit` only says something. */
function Foot({ view: { definition }, reader, readOnly, form }: FootProps): JSX.Element {
  const submits = asObject(definition.submit) !== undefined;
  return (
    <div class="bk-foot">
      <button type="button" class="bk-button" disabled={readOnly} onClick={form.close}>
        {wordsIn(definition.close, reader) ?? (submits ? 'Cancel' : 'Close')}
      </button>
      {submits ? (
        <button
          type="submit"
          class="bk-button bk-primary"
          disabled={readOnly}
          aria-disabled={form.busy ? true : undefined}
          aria-busy={form.busy ? true : undefined}
        >
          <Words of={definition.submit} reader={reader} />
        </button>
      ) : null}
    </div>
  );
}
