import type { Settings } from '../config/settings.ts';
import { scopes } from '../domain/words.ts';
import { peopleOf } from './lint.ts';
import type { SlackAnswers } from './slack-answers.ts';

/** What this environment has for people to sign in with; null where it was not looked at. */
export interface SignInParts {
  provider: boolean;
  apiUrl: boolean;
}

/** Scopes that demand a fresh sign-in, where nobody could give one, or too few are linked to give it on the first day. */
export function stepUpWarnings(settings: Settings, parts: SignInParts | null, answers: SlackAnswers | null): string[] {
  const demanding = scopes.filter((scope) => settings.scopes[scope].stepUp !== undefined);
  if (demanding.length === 0) return [];
  const missing = [
    ...(parts?.provider === false ? ['OIDC_ISSUER with OIDC_CLIENT_ID'] : []),
    ...(parts?.apiUrl === false ? ['API_URL'] : []),
  ];
  const nobody = missing.map(
    (what) => `scopes: ${demanding.join(', ')} need a sign-in to be approved, and ${what} is not set, so nobody can`,
  );
  return [...nobody, ...unlinked(settings, demanding, answers)];
}

/** Who links themselves has to wait a day; the database knows them and is not asked here. */
function unlinked(settings: Settings, demanding: readonly (typeof scopes)[number][], answers: SlackAnswers | null) {
  return (['ops', 'security'] as const).flatMap((leg) => {
    const waiting = demanding.filter((scope) => settings.scopes[scope].legs.includes(leg));
    const people = peopleOf(settings, leg, answers) ?? [];
    const linked = people.filter((account) => settings.identities[account] !== undefined).length;
    if (waiting.length === 0 || people.length === 0 || linked >= Math.min(people.length, 2)) return [];
    return [
      `roles.${leg}: ${linked} of ${people.length} linked in identities, and ${waiting.join(', ')} need a sign-in to be approved; the others link themselves, a day before: /breakglass link`,
    ];
  });
}
