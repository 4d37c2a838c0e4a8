/** The parts of the package that are used here; it has no types of its own. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface Stored {
    [name: string]: unknown;
  }
  export interface Adapter {
    upsert(id: string, payload: Stored, expiresIn?: number): Promise<void>;
    find(id: string): Promise<Stored | undefined>;
    findByUid(uid: string): Promise<Stored | undefined>;
    findByUserCode(userCode: string): Promise<Stored | undefined>;
    consume(id: string): Promise<void>;
    destroy(id: string): Promise<void>;
    revokeByGrantId(grantId: string): Promise<void>;
  }
  export interface Rights {
    addOIDCScope(scope: string): void;
    addResourceScope(resource: string, scope: string): void;
    save(): Promise<string>;
  }
  export interface Signed {
    accountId?: string;
    acr?: string;
    authTime?: number;
  }
  export interface Context {
    path: string;
    req: IncomingMessage;
    res: ServerResponse;
    method: string;
    status: number;
    body: unknown;
    respond: boolean;
    set(headers: Readonly<Record<string, string>>): void;
    oidc: {
      client: { clientId: string };
      session: { accountId: string };
      entities: { AuthorizationCode?: Signed; DeviceCode?: Signed; RefreshToken?: Signed };
    };
  }
  export class Provider {
    constructor(issuer: string, configuration: Stored);
    readonly Grant: new (of: {
      clientId: string;
      accountId: string;
    }) => Rights;
    use(work: (context: Context, next: () => Promise<void>) => Promise<void>): void;
    on(event: string, listener: (context: Context, error: Error) => void): void;
    callback(): (req: IncomingMessage, res: ServerResponse) => Promise<void>;
    /** Rejects where there is no such sign-in, or it is of another browser. */
    interactionDetails(req: IncomingMessage, res: ServerResponse): Promise<{ params: Stored }>;
    interactionFinished(req: IncomingMessage, res: ServerResponse, result: Stored): Promise<void>;
  }
}
