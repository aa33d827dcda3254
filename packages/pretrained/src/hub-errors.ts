import type { Hub } from './hub.ts';

/** Something that a repository lacks. */
export class Missing extends Error {}

/** A connection over which nothing came for too long; a TypeError, as `fetch` throws where there is none. */
export class Stalled extends TypeError {
  constructor(milliseconds: number) {
    const time = `for ${milliseconds / 1000} s`;
    super(`no byte came ${time}`, { cause: new Error(`silence ${time}`) });
  }
}

/** The hub could not be reached at all. */
export class Unreachable extends Error {
  readonly reason: string;
  constructor(source: string, cause: Error & { readonly code?: string }) {
    const reason = cause.code ?? cause.message;
    super(
      `${source}: expected a connection to the hub, got ${reason}. Check the network, or give a folder that was copied here`,
      { cause },
    );
    this.reason = reason;
  }
}

/** What went wrong at the hub, in words that say what to do. */
export function explain(
  cause: unknown,
  { source, hub }: { readonly source: string; readonly hub: Hub },
): unknown {
  // `fetch` throws a TypeError with what happened as its cause.
  if (cause instanceof TypeError && cause.cause instanceof Error)
    return new Unreachable(source, cause.cause);
  if (cause instanceof TypeError && cause.message.includes('access token'))
    return new Error(`${source}: ${cause.message}. Correct HF_TOKEN or accessToken`, { cause });
  if (cause instanceof Missing)
    return new Error(`${source}: ${cause.message}. Give another repository`, { cause });
  if (!(cause instanceof hub.HubApiError)) return cause;
  const { statusCode: status } = cause;
  const message = [401, 403, 404].includes(status)
    ? `expected a repository that the hub shows, it knows none by this name and revision, or it is private or gated (${status}). Check the spelling; for a private or gated one set HF_TOKEN to a token that may read it`
    : `expected the hub to deliver, got status ${status}: ${cause.message}. Try again later`;
  return new Error(`${source}: ${message}`, { cause });
}
