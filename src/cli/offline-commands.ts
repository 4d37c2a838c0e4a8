import { readOfflineEnvironment, readSettings } from '../config.ts';
import { command } from './command.ts';
import { completions, shells } from './completions.ts';
import { exits, WrongUse } from './exits.ts';
import { say } from './terminal.ts';

/** Commands that need neither the API nor the database. */

const file = { name: 'FILE', says: 'the configuration; CONFIG_FILE unless said', needed: false } as const;

const check = command({
  ...{ name: 'config check', with: 'neither', words: [file], options: {} },
  says: 'check the configuration; with SLACK_BOT_TOKEN, also what it says of Slack',
  run: async ({ words }) => {
    const { lint } = await import('./lint.ts');
    const environment = readOfflineEnvironment();
    const read = words[0] ?? environment.configFile;
    const warnings = await lint(readSettings(read), environment.slack);
    for (const warning of warnings) say(`warning: ${warning}`);
    const unasked = environment.slack ? '' : ' Slack was not asked: SLACK_BOT_TOKEN is not set.';
    say(
      warnings.length === 0
        ? `${read} is right.${unasked}`
        : `${read} can be used; ${warnings.length} to look at.${unasked}`,
    );
    return exits.done;
  },
});

const explain = command({
  ...{ name: 'config explain', with: 'neither', words: [file] },
  says: 'who could approve now, who would be told, how long it may last',
  options: {
    scope: { takes: 'SCOPE', says: 'what for (needed)' },
    tenant: { takes: 'TENANT', says: 'the key of the tenant (needed)' },
    operator: { takes: 'ACCOUNT', says: 'who asks (needed)' },
  },
  run: async ({ words, options: { scope, tenant, operator } }) => {
    if (!scope || !tenant || !operator) {
      throw new WrongUse('config explain needs --scope, --tenant and --operator.');
    }
    const { explain: explained } = await import('./explain.ts');
    const environment = readOfflineEnvironment();
    const settings = readSettings(words[0] ?? environment.configFile);
    const told = await explained(settings, { scope, tenant, operator }, environment.slack);
    say(told.lines.join('\n'));
    return told.allowed ? exits.done : exits.refused;
  },
});

const newSealKey = command({
  ...{ name: 'seal new-key', with: 'neither', options: {} },
  says: "make a key to seal the audit trail with, for AUDIT_SIGNING_KEY; NAME is the history's, and stays",
  words: [{ name: 'NAME', says: 'such as breakglass.example.com', needed: true }],
  run: async ({ words: [name = ''] }) => {
    const { newSealKey: newKey } = await import('./seal.ts');
    const made = newKey(name);
    if (typeof made === 'string') throw new WrongUse(made);
    process.stderr.write(
      `The public key, for everybody who verifies:\n${made.verifier}\nAUDIT_SIGNING_KEY, shown this once:\n`,
    );
    say(made.secret);
    return exits.done;
  },
});

const complete = command({
  ...{ name: 'completions', with: 'neither', says: 'what a shell needs to complete these commands', options: {} },
  words: [{ name: 'SHELL', says: `one of ${shells.join(', ')}`, needed: true, oneOf: shells }],
  notes: [
    'bash: source <(breakglass completions bash)',
    'zsh: breakglass completions zsh > ~/.zfunc/_breakglass, with ~/.zfunc in fpath before compinit',
    'fish: breakglass completions fish > ~/.config/fish/completions/breakglass.fish',
  ],
  run: async ({ words: [shell = ''] }) => {
    const { commands } = await import('./commands.ts');
    process.stdout.write(completions(shell, commands));
    return exits.done;
  },
});

export const offlineCommands = [check, explain, newSealKey, complete];
