import type { FoundWeights } from './weights.ts';

/** Where and how the hub is reached. */
export interface HubOptions {
  /** Default: HF_ENDPOINT, or the library's own. */
  readonly hubUrl?: string | undefined;
  /** Default: the hub's own cache, which Python fills too: HF_HUB_CACHE, HF_HOME/hub or ~/.cache/huggingface/hub. */
  readonly cacheDir?: string | undefined;
  /** Opens private and gated repositories. Default: HF_TOKEN. */
  readonly accessToken?: string | undefined;
  /** Called with a line of text when a download begins, at every tenth of it and every ten seconds, while another process fetches the same, and when the cache stands in for the hub. */
  readonly onProgress?: ((message: string) => void) | undefined;
  /** Looks at what a repository says of its weights, before they are fetched; what it throws is thrown, and they are not. */
  readonly check?: ((found: FoundWeights) => void) | undefined;
  /** Milliseconds without a byte after which a connection is given up. Default: 60,000. */
  readonly stallAfter?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
