import { createRequire } from 'node:module';
import {
  registerTensorFlowBackend,
  type TensorFlowBackend,
  TensorFlowError,
} from '@bag-of-tricks/libtensorflow';
import type * as tf from '@tensorflow/tfjs-core';

/** A test of tfjs-core after it ran. */
export interface Spec {
  /** As jasmine writes it, without the environment: `matmul A x B`. */
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What its expectations said that were not met. */
  readonly failures: readonly string[];
  readonly milliseconds: number;
  /** Tensors that TensorFlow holds and tfjs does not. */
  readonly leakedHandles: number;
}

export interface SuiteOptions {
  /** Which tests run. Default: all. */
  readonly filter?: (name: string) => boolean;
  readonly onStart?: (name: string) => void;
  readonly onEnd?: (spec: Spec) => void;
}

export interface Suite {
  readonly backend: TensorFlowBackend;
  /** The tfjs-core under test. Its `engine()` lives through the whole run, `reset` or not: wrap its `runKernel` to see each call of a kernel. */
  readonly core: typeof tf;
  readonly run: (options?: SuiteOptions) => Promise<Spec[]>;
}

interface Bundle {
  readonly core: typeof tf;
  readonly setTestEnvs: (environments: readonly object[]) => void;
  readonly declareTests: () => void;
}

interface JasmineResult {
  readonly fullName: string;
  readonly status: string;
  readonly duration: number | null;
  readonly failedExpectations: readonly { readonly message: string }[];
}

interface JasmineEnvironment {
  configure(options: object): void;
  addReporter(reporter: object): void;
  execute(): Promise<{ readonly failedExpectations: readonly { readonly message: string }[] }>;
}

const require = createRequire(import.meta.url);
const environmentName = 'test-tensorflow';

/** Loads the tests that tfjs-core publishes, to run on the backend `tensorflow`; once a process. */
export async function loadSuite(): Promise<Suite> {
  const jasmine = require('jasmine-core').boot() as { getEnv(): JasmineEnvironment };
  // Before the backend: who comes first makes the engine that all copies of tfjs-core share, and its tensors have the methods that are tested.
  const { core, setTestEnvs, declareTests } = require('./tests.cjs') as Bundle;
  const backend = await registerTensorFlowBackend();
  setTestEnvs([{ name: environmentName, backendName: 'tensorflow', flags: {}, isDataSync: true }]);
  declareTests();
  quoteTensorFlow(core.engine());
  // Not memory().numDataBuffers, which asks the current backend: a test may have left none.
  const leakedHandles = () =>
    Math.max(0, backend.nativeHandleCount() - core.engine().state.numDataBuffers);
  const run = (options: SuiteOptions = {}) =>
    runSpecs(jasmine.getEnv(), options, (result) => ({
      ...toSpec(result),
      leakedHandles: leakedHandles(),
    }));
  return { backend, core, run };
}

/** Our errors name the op and TensorFlow's code; the tests compare whole messages with TensorFlow's own words. */
function quoteTensorFlow(engine: ReturnType<typeof tf.engine>): void {
  const { runKernel } = engine;
  const quoting: typeof runKernel = (...call) => {
    try {
      return runKernel.apply(engine, call) as never;
    } catch (error) {
      if (error instanceof TensorFlowError) error.message = error.reason;
      throw error;
    }
  };
  engine.runKernel = quoting;
}

async function runSpecs(
  environment: JasmineEnvironment,
  { filter = () => true, onStart, onEnd }: SuiteOptions,
  describe: (result: JasmineResult) => Spec,
): Promise<Spec[]> {
  const specs: Spec[] = [];
  environment.configure({
    // The tests share an engine and its flags.
    random: false,
    specFilter: (spec: { getFullName(): string }) => filter(shorten(spec.getFullName())),
  });
  environment.addReporter({
    specStarted: ({ fullName }: JasmineResult) => onStart?.(shorten(fullName)),
    specDone: (result: JasmineResult) => {
      const spec = describe(result);
      specs.push(spec);
      onEnd?.(spec);
    },
  });
  const { failedExpectations } = await environment.execute();
  if (failedExpectations.length === 0) return specs;
  const messages = failedExpectations.map(({ message }) => message);
  throw new Error(`tfjs-core's suite failed outside of its tests: ${messages.join('; ')}`);
}

function toSpec({
  fullName,
  status,
  duration,
  failedExpectations,
}: JasmineResult): Omit<Spec, 'leakedHandles'> {
  return {
    name: shorten(fullName),
    status: status === 'passed' || status === 'failed' ? status : 'skipped',
    failures: failedExpectations.map(({ message }) => message),
    milliseconds: duration ?? 0,
  };
}

function shorten(fullName: string): string {
  return fullName.replaceAll(` ${environmentName} {}`, '');
}
