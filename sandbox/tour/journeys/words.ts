import { types } from '../acts.ts';
import type { Journey } from '../play.ts';
import { onRecord, row, toldAlone } from '../sights.ts';

/** The commands that are answered in words. */
export const status: Journey = {
  title: 'What is open, and what the commands do',
  steps: [
    types('omar', '/breakglass status'),
    toldAlone('omar', ['What you have open', 'Audit view on Globex', 'Workspace recovery on Initech']),
    types('sam', '/breakglass status globex', 'security'),
    toldAlone('sam', ['Open on Globex', 'Audit view on Globex for @Omar', 'Workspace recovery on Globex for @Olivia']),
    types('anna', '/breakglass status acme', 'acme'),
    toldAlone('anna', ['Nothing is open on Acme Corp']),
    types('anna', '/breakglass status globex', 'acme'),
    toldAlone('anna', ['There is no such tenant']),
    onRecord(row('access.refused', 'anna', { verb: 'status', refusal: 'unknown_tenant', about: 'globex' })),
    types('olivia', '/breakglass help', 'general'),
    toldAlone('olivia', ['/breakglass status TENANT', '/breakglass reviews', '/breakglass end']),
  ],
};
