import { InvalidArgumentError } from 'commander';

/** Seconds of a duration such as `90m`, `2h30m` or `1d12h`. */
export function parseDuration(text: string): number {
  const [, ...parts] =
    /^(?:([\d.]+)d)?(?:([\d.]+)h)?(?:([\d.]+)m)?(?:([\d.]+)s)?$/.exec(text) ?? [];
  const units = [86_400, 3600, 60, 1];
  const seconds = parts.reduce((sum, part, i) => sum + Number(part ?? 0) * units[i]!, 0);
  if (seconds > 0) return seconds;
  throw new InvalidArgumentError(
    `expected a duration longer than 0, such as 90m or 2h30m, got '${text}'.`,
  );
}
