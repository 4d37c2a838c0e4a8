import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Offer, Offers } from './completion.ts';

interface OfferListProps {
  id: string;
  offers: Offers;
  /** Null while none is chosen. */
  active: number | null;
  take: (offer: Offer) => void;
}

/** What completes the text; the field keeps the focus and says which one is chosen. */
export function OfferList({ id, offers, active, take }: OfferListProps): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [active, offers]);
  return (
    <div class="offers" role="listbox" id={id} aria-label={offers.of} ref={list}>
      {offers.offers.map((offer, place) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the field it belongs to has the keys
        <div
          key={offer.label}
          role="option"
          tabIndex={-1}
          id={`${id}-${place}`}
          aria-selected={place === active}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => take(offer)}
        >
          <span class="offered">
            <b>{offer.label}</b> {offer.usage}
          </span>{' '}
          <span class="hint">{offer.hint}</span>
        </div>
      ))}
    </div>
  );
}
