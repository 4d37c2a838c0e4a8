import type { GrantId } from '../../domain/words.ts';
import { buttons } from '../ids.ts';
import { button } from './card.ts';

/** For auditors and security: all about one access, as a file that stands on its own. Who may is looked at at the click. */
export const evidenceButton = (grant: GrantId) => button(buttons.evidence, 'Evidence', grant);
