/** Slack's markup as elements. Whatever was typed goes through as text; nothing here makes HTML of a string. */
import type { JSX } from 'preact';
import { dateText, type Reference, referenceIn, unescaped } from '../../../slack/mrkdwn.ts';
import { Link, leadOf } from './link.tsx';
import { type Mark, type Part, partsOf } from './marks.ts';
import { permalinkIn } from './permalink.ts';
import type { Reader } from './reader.ts';

type Moment = Extract<Reference, { kind: 'date' }>;

function DateWords({ date, reader }: { date: Moment; reader: Reader }): JSX.Element {
  const { at, format, address, fallback } = date;
  if (at === null) return <>{fallback}</>;
  const words = dateText(at, format, reader.zone, reader.now.getTime());
  const shown = (
    <time dateTime={new Date(at).toISOString()} title={dateText(at, '{date_long}, {time_secs}', reader.zone)}>
      {words}
    </time>
  );
  const lead = address === null ? null : leadOf(address, reader);
  return lead === null ? shown : <Link lead={lead}>{shown}</Link>;
}

function Referred({ inside, reader }: { inside: string; reader: Reader }): JSX.Element {
  const reference = referenceIn(inside, reader.nameOf);
  switch (reference.kind) {
    case 'mention':
      return <span class="bk-mention">{reference.name}</span>;
    case 'date':
      return <DateWords date={reference} reader={reader} />;
    case 'link': {
      const lead = leadOf(reference.address, reader);
      const words = reference.label ?? reference.address;
      if (lead !== null) return <Link lead={lead}>{words}</Link>;
      // What is no link is shown as it was sent, but for a message to which there is no way from here.
      return <>{permalinkIn(reference.address) === undefined ? `<${unescaped(inside)}>` : words}</>;
    }
  }
}

function Marks({ marks, reader }: { marks: readonly Mark[]; reader: Reader }): JSX.Element {
  return (
    <>
      {marks.map((mark) => (
        <Marked mark={mark} reader={reader} />
      ))}
    </>
  );
}

function Marked({ mark, reader }: { mark: Mark; reader: Reader }): JSX.Element {
  switch (mark.kind) {
    case 'text':
      return <>{mark.text}</>;
    case 'reference':
      return <Referred inside={mark.inside} reader={reader} />;
    case 'bold':
      return <strong>{<Marks marks={mark.within} reader={reader} />}</strong>;
    case 'italic':
      return <em>{<Marks marks={mark.within} reader={reader} />}</em>;
    case 'strike':
      return <s>{<Marks marks={mark.within} reader={reader} />}</s>;
    case 'code':
      return <code>{<Marks marks={mark.within} reader={reader} />}</code>;
  }
}

function Paragraph({ part: { kind, marks }, reader }: { part: Part; reader: Reader }): JSX.Element {
  const words = <Marks marks={marks} reader={reader} />;
  switch (kind) {
    case 'lines':
      return <div class="bk-lines">{words}</div>;
    case 'quote':
      return <blockquote class="bk-quote">{words}</blockquote>;
    case 'code':
      return <pre class="bk-code">{words}</pre>;
  }
}

/** A text with marks. Throws on a date that Slack would not know how to show. */
export function Mrkdwn({ text, reader }: { text: string; reader: Reader }): JSX.Element {
  return (
    <>
      {partsOf(text).map((part) => (
        <Paragraph part={part} reader={reader} />
      ))}
    </>
  );
}
