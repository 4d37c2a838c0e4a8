import { parse, parseAllDocuments } from 'yaml';
import { read } from '../docs/reading.ts';

/** The parts of compose.yaml that are looked at. */
export interface Service {
  image: string;
  build?: string;
  command?: string[];
  environment?: Record<string, string>;
  env_file?: string;
  ports?: string[];
  volumes?: string[];
  healthcheck?: { test?: string[]; disable?: boolean };
  networks?: string[] | Record<string, { ipv4_address: string }>;
  depends_on?: Record<string, { condition: string }> | string[];
  stop_grace_period?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
}
export interface Compose {
  services: Record<string, Service>;
  networks: Record<string, { ipam: { config: { subnet: string; ip_range: string }[] } }>;
  volumes: Record<string, unknown>;
  secrets: Record<string, { file: string }>;
}
export const compose: Compose = parse(read('compose.yaml'), { merge: true });

interface Probe {
  httpGet: { path: string; port: string };
}
interface Container {
  image: string;
  args?: string[];
  env?: { name: string; value: string }[];
  envFrom?: { secretRef: { name: string } }[];
  ports?: { name: string; containerPort: number }[];
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  securityContext: Record<string, unknown>;
  volumeMounts?: { name: string; mountPath: string }[];
}
export interface PodSpec {
  automountServiceAccountToken: boolean;
  terminationGracePeriodSeconds?: number;
  securityContext: Record<string, unknown>;
  containers: Container[];
}
type Labels = Record<string, string>;
interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: {
    replicas: number;
    serviceName: string;
    template: { metadata: { labels: Labels }; spec: PodSpec };
    selector: Labels & { matchLabels: Labels };
    ports: { port: number; targetPort: string }[];
    volumeClaimTemplates: { metadata: { name: string } }[];
    podSelector: { matchLabels: Labels };
    ingress: { from?: unknown[]; ports: { port: string }[] }[];
    maxUnavailable: number;
  };
}
export const manifests: Manifest[] = parseAllDocuments(read('deploy/kubernetes/breakglass.yaml')).map((document) =>
  document.toJS(),
);
export function manifest(kind: string, name = 'breakglass'): Manifest {
  const found = manifests.find((each) => each.kind === kind && each.metadata.name === name);
  if (!found) throw new Error(`There is no ${kind} ${name}.`);
  return found;
}

/** The settings of the unit, in order; a key may be given several times. */
export const unit = [...read('deploy/systemd/breakglass.service').matchAll(/^(\w+)=(.*)$/gm)].map(
  ([, key = '', value = '']) => ({ key, value }),
);
export const unitHas = (key: string): string[] => unit.filter((each) => each.key === key).map(({ value }) => value);

/** The variables of the schema that src/config.ts reads the environment by. */
export const knownVariables = [...read('src/config/variables.ts').matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(
  ([, name = '']) => name,
);

/** What somebody installs with. */
export const deployed: readonly string[] = [
  'compose.yaml',
  'deploy/Caddyfile',
  'deploy/kubernetes/breakglass.yaml',
  'deploy/postgres/roles.sh',
  'deploy/systemd/breakglass.service',
];

export const service = (name: string): Service => compose.services[name] ?? { image: 'none' };
export const bots = Object.keys(compose.services).filter((name) => name.startsWith('bot-'));
export const pods = [manifest('Job', 'breakglass-migrate'), manifest('StatefulSet')];
export const replica = manifest('StatefulSet').spec.template.spec;
