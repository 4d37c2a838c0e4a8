import type { BundleDesk } from '../../usecases/bundle-desk.ts';
import type { Context } from '../../usecases/context.ts';
import type { Trouble } from '../refusals.ts';
import { attachmentEndpoints } from './attachments.ts';
import { auditEndpoints } from './audit.ts';
import { configurationEndpoints } from './configuration.ts';
import type { Endpoint } from './endpoint.ts';
import { evidenceEndpoints } from './evidence.ts';
import { grantEndpoints } from './grants.ts';
import { keyEndpoints } from './keys.ts';
import { type LifecycleParts, verbEndpoints } from './lifecycle.ts';
import { whoAmI } from './me.ts';
import { noticeEndpoints } from './notices.ts';
import { scheduleEndpoints } from './schedules.ts';
import { tenantEndpoints } from './tenants.ts';

/** What stands behind /v1. */
export interface V1Parts extends Omit<LifecycleParts, 'context'> {
  context: Context;
  bundles: BundleDesk;
  trouble: Trouble;
}

/** Every route under /v1, on one screen. */
export const endpointsOf = (parts: V1Parts): Endpoint[] => [
  ...whoAmI(),
  ...configurationEndpoints(parts.context),
  ...tenantEndpoints(parts.context),
  ...grantEndpoints(parts),
  ...verbEndpoints(parts),
  ...attachmentEndpoints(parts),
  ...auditEndpoints(parts),
  ...evidenceEndpoints(parts),
  ...keyEndpoints(parts.context),
  ...scheduleEndpoints(parts.context),
  ...noticeEndpoints(parts.context),
];
