import { command } from '../command.ts';
import { when } from '../when.ts';
import { textIn } from './client.ts';
import { calledAndShown } from './shown.ts';
import { apiOptions } from './signed-in.ts';

export const showConfiguration = command({
  ...{ name: 'config show', with: 'api', says: 'the configuration in force', options: apiOptions },
  run: ({ options }) =>
    calledAndShown(options, ['GET', '/v1/configuration'], (answer, at) =>
      [
        `# In force since ${when(answer.adopted_at, at)}, epoch ${textIn(answer.epoch)}`,
        `# SHA-256 ${textIn(answer.hash)}`,
        textIn(answer.text),
      ].join('\n'),
    ),
});
