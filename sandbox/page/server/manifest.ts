import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Command } from '../wire.ts';

const manifest = z.object({
  features: z.object({
    app_home: z.object({ messages_tab_read_only_enabled: z.boolean() }),
    slash_commands: z.array(z.object({ command: z.string(), description: z.string(), usage_hint: z.string() })),
  }),
});

/** What a workspace knows of the app that it installed. */
export interface Installed {
  commands: readonly Command[];
  /** Nobody can write to the app itself, except commands. */
  isReadOnly: boolean;
}

export async function readManifest(): Promise<Installed> {
  const text = await readFile(new URL('../../../manifest.yml', import.meta.url), 'utf8');
  const { features } = manifest.parse(parse(text));
  return {
    commands: features.slash_commands.map(({ command, description, usage_hint: usage }) => ({
      ...{ command, description, usage },
    })),
    isReadOnly: features.app_home.messages_tab_read_only_enabled,
  };
}
