import type { Adapter, Stored } from 'oidc-provider';

/**
 * What a provider remembers, and its clients: in memory, and the same after its keys changed.
 * @param browsers whether a browser is known again in which somebody signed in
 */
export function providerMemory(clients: ReadonlyMap<string, Stored>, browsers: boolean): (model: string) => Adapter {
  const rows = new Map<string, Map<string, Stored>>();
  const grantable = ['AccessToken', 'AuthorizationCode', 'RefreshToken', 'DeviceCode'];
  const of = (model: string): Map<string, Stored> => {
    const known = rows.get(model) ?? new Map<string, Stored>();
    rows.set(model, known);
    return known;
  };
  return (model) => {
    const mine = of(model);
    const by = async (name: string, value: string) => [...mine.values()].find((each) => each[name] === value);
    return {
      upsert: async (id, payload) => void mine.set(id, payload),
      find: async (id) => {
        if (model === 'Client') return clients.get(id);
        const found = mine.get(id);
        return model === 'Session' && !browsers && found?.accountId ? undefined : found;
      },
      findByUid: (uid) => by('uid', uid),
      findByUserCode: (userCode) => by('userCode', userCode),
      consume: async (id) => {
        const found = mine.get(id);
        if (found) found.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id) => void mine.delete(id),
      revokeByGrantId: async (grantId) => {
        for (const name of grantable) {
          for (const [id, row] of of(name)) if (row.grantId === grantId) of(name).delete(id);
        }
      },
    };
  };
}
