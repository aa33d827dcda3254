import { modelNames } from '@bag-of-tricks/resnet-variants';
import type { z } from 'zod';
import { dataProblems, withImpliedDataset } from './check-data.ts';
import { nearestName } from './nearest.ts';
import { configSchema, settingsBelow, type TrainConfig } from './schema.ts';

/** A configuration that does not fit the schema; the message names each field, what was expected and what came. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Path = readonly PropertyKey[];

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null)?.[key],
    input,
  );
}

const keysAt = (path: Path): string[] => Object.keys(settingsBelow(path));

/** Every dotted name of the schema, for suggestions across levels. */
function allNames(path: string[] = []): string[] {
  return keysAt(path).flatMap((key) => [[...path, key].join('.'), ...allNames([...path, key])]);
}

function describeIssue(issue: z.core.$ZodIssue, input: unknown): string {
  const where = issue.path.join('.') || 'configuration';
  const got = JSON.stringify(valueAt(input, issue.path)) ?? 'nothing';
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .map((key) => {
        const name = [...issue.path, key].join('.');
        const near = nearestName(key, keysAt(issue.path)) ?? nearestName(name, allNames());
        const hint = near
          ? `Did you mean '${near}'?`
          : `Known here: ${keysAt(issue.path).join(', ')}.`;
        return `unknown key '${name}'. ${hint}`;
      })
      .join('\n');
  }
  if (issue.code === 'too_small') {
    const bound = issue.inclusive === false ? '>' : '>=';
    return `${where}: expected a value ${bound} ${issue.minimum}, got ${got}`;
  }
  if (issue.code === 'too_big') {
    const bound = issue.inclusive === false ? '<' : '<=';
    return `${where}: expected a value ${bound} ${issue.maximum}, got ${got}`;
  }
  if (issue.code === 'invalid_value') {
    const near = nearestName(String(valueAt(input, issue.path)), issue.values.map(String));
    const hint = near ? ` Did you mean '${near}'?` : '';
    return `${where}: expected one of ${issue.values.join(', ')}, got ${got}.${hint}`;
  }
  if (issue.code === 'invalid_union') {
    const words = issue.errors.flat().flatMap((one) => ('values' in one ? one.values : []));
    const near = nearestName(String(valueAt(input, issue.path)), words.map(String));
    return `${where}: ${issue.message}, got ${got}.${near ? ` Did you mean '${near}'?` : ''}`;
  }
  if (issue.code === 'invalid_type') return `${where}: expected ${issue.expected}, got ${got}`;
  return `${where}: ${issue.message}, got ${got}`;
}

/** What two fields together must satisfy. */
function checkTogether(config: TrainConfig): string[] {
  const problems: string[] = dataProblems(config);
  if (!modelNames().includes(config.model)) {
    const near = nearestName(config.model, modelNames());
    problems.push(
      `model: expected a network such as resnet50d or resnet20d, got '${config.model}'.${near ? ` Did you mean '${near}'?` : ''}`,
    );
  }
  if (config.warmup && config.warmup.epochs >= config.epochs) {
    problems.push(
      `warmup.epochs: expected less than epochs (${config.epochs}), got ${config.warmup.epochs}. Train longer or shorten the warmup (--no-warmup switches it off)`,
    );
  }
  if (config.mixup && config.mixup.lastEpochsOff > config.epochs) {
    problems.push(
      `mixup.lastEpochsOff: expected at most epochs (${config.epochs}), got ${config.mixup.lastEpochsOff}`,
    );
  }
  const { boundaries } = config.schedule;
  if (boundaries.some((boundary, i) => i > 0 && boundary <= boundaries[i - 1]!)) {
    problems.push(
      `schedule.boundaries: expected increasing epochs, got ${JSON.stringify(boundaries)}`,
    );
  }
  if (
    config.schedule.name === 'step' &&
    boundaries.some((boundary) => boundary <= (config.warmup?.epochs ?? 0))
  ) {
    problems.push(
      `schedule.boundaries: expected epochs after the warmup (${config.warmup?.epochs ?? 0}), got ${JSON.stringify(boundaries)}`,
    );
  }
  return problems;
}

/**
 * Check a configuration and fill in the defaults.
 *
 * @throws ConfigError naming every unknown key (with the nearest known one) and every value out of range.
 */
export function parseConfig(given: unknown): TrainConfig {
  const input = withImpliedDataset(given);
  const parsed = configSchema.safeParse(input);
  const problems = parsed.success
    ? checkTogether(parsed.data)
    : parsed.error.issues.map((issue) => describeIssue(issue, input));
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return parsed.data!;
}
