import { BlockList } from 'node:net';
import { describe, expect, test } from 'vitest';
import { EXIT_CONFIGURATION } from '../../src/config/mistakes.ts';
import { read } from '../docs/reading.ts';
import { bots, compose, manifest, manifests, pods, replica, service, unit, unitHas } from './files.ts';

describe('replicas', () => {
  test('are two, each with a disk of its own for what it keeps', () => {
    expect(bots).toEqual(['bot-1', 'bot-2']);
    const kept = bots.map((name) => service(name).volumes?.find((each) => each.endsWith(':/var/lib/breakglass')));
    expect(kept).toEqual(bots.map((name) => `${name}:/var/lib/breakglass`));
    expect(Object.keys(compose.volumes)).toEqual(expect.arrayContaining(bots));
    const { replicas, volumeClaimTemplates } = manifest('StatefulSet').spec;
    expect(replicas).toBe(2);
    const mounted = replica.containers[0]?.volumeMounts?.find(({ mountPath }) => mountPath === '/var/lib/breakglass');
    expect(volumeClaimTemplates.map(({ metadata }) => metadata.name)).toEqual([mounted?.name]);
    expect(manifest('PodDisruptionBudget').spec.maxUnavailable).toBe(1);
    expect(unitHas('StateDirectory')).toEqual(['breakglass']);
  });

  test('are found by the labels that they have', () => {
    const { labels } = manifest('StatefulSet').spec.template.metadata;
    const selectors = [
      manifest('StatefulSet').spec.selector.matchLabels,
      manifest('PodDisruptionBudget').spec.selector.matchLabels,
      manifest('NetworkPolicy').spec.podSelector.matchLabels,
      ...manifests.filter(({ kind }) => kind === 'Service').map(({ spec }) => spec.selector),
    ];
    for (const selector of selectors) expect(selector).toEqual(labels);
    expect(manifest('Job', 'breakglass-migrate').spec.template.metadata.labels).not.toEqual(labels);
    expect(manifests.map(({ metadata }) => metadata.name)).toContain(manifest('StatefulSet').spec.serviceName);
  });

  test('are given longer to stop than the longest stop takes', () => {
    const longest = 30;
    const given = [
      replica.terminationGracePeriodSeconds ?? 0,
      Number(unitHas('TimeoutStopSec')[0]),
      ...bots.map((name) => Number.parseInt(service(name).stop_grace_period ?? '0', 10)),
    ];
    expect(read('docs/operations.md')).toContain(`Give it ${longest} seconds`);
    expect(given.filter((seconds) => seconds <= longest)).toEqual([]);
  });

  test('believe the addresses that the proxy gives, and no others: its own is fixed, and nobody else is given it', () => {
    const fixed = Object.values(compose.services).flatMap(({ networks = [] }) =>
      Array.isArray(networks) ? [] : Object.entries(networks),
    );
    expect(service('proxy').networks).toEqual(Object.fromEntries(fixed));
    const [[network, { ipv4_address: address }] = ['', { ipv4_address: '' }]] = fixed;
    for (const name of bots) expect(service(name).environment?.API_TRUSTED_PROXIES).toBe(address);
    const { subnet = '', ip_range: range = '' } = compose.networks[network]?.ipam.config[0] ?? {};
    const within = (cidr: string): boolean => {
      const [base = '', bits] = cidr.split('/');
      const list = new BlockList();
      list.addSubnet(base, Number(bits));
      return list.check(address);
    };
    expect([within(subnet), within(range)]).toEqual([true, false]);
  });
});

describe('whoever breaks in', () => {
  test('finds nobody special in a pod, nothing to write to and no way up', () => {
    for (const { spec } of pods) {
      const pod = spec.template.spec;
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      const user = `${pod.securityContext.runAsUser}:${pod.securityContext.runAsGroup}`;
      expect(read('Dockerfile')).toContain(`\nUSER ${user}\n`);
      for (const { securityContext } of pod.containers)
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
    }
  });

  test('finds the same in a container of compose.yaml', () => {
    for (const name of [...bots, 'migrate'])
      expect(service(name), name).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
  });

  test('finds the same in the unit', () => {
    const wanted = { NoNewPrivileges: 'yes', CapabilityBoundingSet: '', ProtectSystem: 'strict', ProtectHome: 'yes' };
    for (const [key, value] of Object.entries({ ...wanted, User: 'breakglass', PrivateTmp: 'yes', UMask: '0077' }))
      expect(unitHas(key), key).toEqual([value]);
  });
});

test('the unit tries again after a crash, and not after a wrong configuration', () => {
  expect(unitHas('Restart')).toEqual(['on-failure']);
  expect(unitHas('RestartPreventExitStatus')).toEqual([String(EXIT_CONFIGURATION)]);
  expect(unitHas('ExecReload')).toEqual(['/bin/kill -HUP $MAINPID']);
  expect(new Set(unit.map(({ key, value }) => `${key}=${value}`)).size).toBe(unit.length);
});
