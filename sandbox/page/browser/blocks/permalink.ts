/** A message of the workspace, as Slack's permalinks name it. */
export interface Permalink {
  channel: string;
  ts: string;
}

const PATH = /^\/archives\/([A-Z0-9]+)\/p(\d+)(\d{6})\/?$/;

/** The message that an address such as `https://home.slack.com/archives/C01/p1795277387764000` leads to. */
export function permalinkIn(address: string): Permalink | undefined {
  if (!URL.canParse(address)) return undefined;
  const { hostname, pathname } = new URL(address);
  const [, channel, seconds, rest] = PATH.exec(pathname) ?? [];
  if (!hostname.endsWith('.slack.com') || channel === undefined) return undefined;
  return { channel, ts: `${seconds}.${rest}` };
}
