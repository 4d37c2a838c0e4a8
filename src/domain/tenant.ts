import { codePoints, isStorable } from './text.ts';

/** What the file and the API say of a tenant: one shape for both. */
export interface TenantSetting {
  key: string;
  name: string;
  /** Where its owners are asked and told. */
  channel: string | null;
  /** The channel may be connected to another company. */
  shared: boolean;
  owners: readonly TenantOwner[];
}

export interface TenantOwner {
  /** `T0HOME:U0OPS` */
  account: string;
  /** They may act as an owner although Slack calls them a guest. */
  guestAllowed: boolean;
}

/** Nobody makes, changes or archives it. */
export const SYSTEM_TENANT = 'system';

export const tenantKeyShape = /^[a-z0-9][a-z0-9-]{0,62}$/;
export const tenantKeyExpected = 'lower case letters, digits and dashes';
export const tenantNameMost = 120;
export const channelShape = /^[CG][A-Z0-9]{2,}$/;
export const CHANNEL_EXPECTED = "a Slack channel's id such as C0SEC";
export const CHANNEL_OF_ITS_OWN =
  "a channel of its own: neither security's, nor of those who operate, nor another tenant's";
export const accountShape = /^([TE][A-Z0-9]{2,}:)?[UW][A-Z0-9]{2,}$/;
export const ACCOUNT_EXPECTED = "a Slack user's id such as U0OPS, or with their team, T0ACME:U0BOSS";
/** A list that is longer is a mistake: each of them is asked. */
const OWNERS_MOST = 200;

/** The first thing that is wrong with a tenant as somebody outside the file wants it. */
export function tenantMistake({
  key,
  name,
  channel,
  owners,
}: TenantSetting): { field: string; expected: string } | null {
  if (!tenantKeyShape.test(key)) return { field: 'key', expected: tenantKeyExpected };
  if (name.trim() !== name || name === '' || codePoints(name) > tenantNameMost || !isStorable(name))
    return { field: 'name', expected: `a name of ${tenantNameMost} characters or fewer` };
  if (channel !== null && !channelShape.test(channel)) return { field: 'channel', expected: CHANNEL_EXPECTED };
  if (owners.length > OWNERS_MOST) return { field: 'owners', expected: `${OWNERS_MOST} people or fewer` };
  const wrong = owners.findIndex(({ account }) => !accountShape.test(account));
  if (wrong >= 0) return { field: `owners[${wrong}].account`, expected: ACCOUNT_EXPECTED };
  const accounts = owners.map(({ account }) => account);
  const again = accounts.findIndex((account, i) => accounts.indexOf(account) !== i);
  if (again >= 0) return { field: `owners[${again}].account`, expected: 'each person once' };
  if (owners.length > 0 && channel === null)
    return { field: 'channel', expected: 'a channel where the owners are asked' };
  return null;
}
