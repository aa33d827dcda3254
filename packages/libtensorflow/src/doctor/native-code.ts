import { koffi } from '../native/koffi.ts';
import { type Finding, fail } from './finding.ts';

/** What calls native code, if it does not load into this process: in Deno the one that tries the library out may have more rights. */
export function nativeCodeFindings(load: () => unknown = () => koffi.load): Finding[] {
  try {
    load();
    return [];
  } catch (error) {
    const { message, cause = error } = error as Error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return [fail('Native code', reason, message.replace(/^.*\. (?=In Deno)/s, ''))];
  }
}
