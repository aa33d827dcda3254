/** Where and how the hub is reached. */
export interface HubOptions {
  /** Default: the library's own. */
  readonly hubUrl?: string | undefined;
  /** Default: the hub's own cache, which Python fills too: HF_HUB_CACHE, HF_HOME/hub or ~/.cache/huggingface/hub. */
  readonly cacheDir?: string | undefined;
  /** Opens private repositories. Default: none. */
  readonly accessToken?: string | undefined;
  /** Called with a line of text when a download begins, at every tenth of it, and when the cache stands in for the hub. */
  readonly onProgress?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}
