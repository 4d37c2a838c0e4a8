import type { ComponentChildren, JSX, TargetedMouseEvent } from 'preact';
import { leadsSomewhere } from './address.ts';
import { permalinkIn } from './permalink.ts';
import type { Reader, Way } from './reader.ts';

/** Where an address leads from this page; null where it leads nowhere. */
export type Lead = { kind: 'inside'; way: Way } | { kind: 'outside'; href: string };

/** What Slack keeps is on this machine: its permalinks never lead to the Slack that is elsewhere. */
export function leadOf(address: string, { wayTo }: Pick<Reader, 'wayTo'>): Lead | null {
  const permalink = permalinkIn(address);
  if (permalink !== undefined) return wayTo === undefined ? null : { kind: 'inside', way: wayTo(permalink) };
  return leadsSomewhere(address) ? { kind: 'outside', href: address } : null;
}

/** Goes there; for what is no link. */
export function follow(lead: Lead): void {
  if (lead.kind === 'inside') lead.way.open();
  else window.open(lead.href, '_blank', 'noopener,noreferrer');
}

interface LinkProps {
  lead: Lead;
  children: ComponentChildren;
  class?: string;
  label?: string | undefined;
  onFollow?: (() => void) | undefined;
}

export function Link({ lead, children, class: className, label, onFollow }: LinkProps): JSX.Element {
  const onClick = (event: TargetedMouseEvent<HTMLAnchorElement>) => {
    onFollow?.();
    if (lead.kind === 'outside' || !isPlain(event) || event.currentTarget.closest('dialog') !== null) return;
    event.preventDefault();
    lead.way.open();
  };
  return (
    <a
      class={className}
      href={lead.kind === 'inside' ? lead.way.href : lead.href}
      target="_blank"
      rel="noopener noreferrer"
      aria-label={label}
      onClick={onClick}
    >
      {children}
    </a>
  );
}

/** Whoever holds a key down wants it elsewhere; so does a modal, which stays open. */
const isPlain = ({ ctrlKey, metaKey, shiftKey, altKey }: MouseEvent) => !(ctrlKey || metaKey || shiftKey || altKey);
