/** Where clouds' metadata services answer, on the link itself. */
export const METADATA = "http://169.254.169.254";

/** What is asked of a metadata service; `base` stands in for it in tests. */
export interface MetadataQuestion {
  readonly base: string;
  readonly path: string;
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly patienceMs: number;
}

/** The answer's text, undefined for a refusal. No redirect is followed. Rejects when nothing answers in time. */
export const askMetadata = async (asked: MetadataQuestion, signal: AbortSignal): Promise<string | undefined> => {
  const { base, path, method = "GET", headers, patienceMs } = asked;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  const answer = await fetch(new URL(path, base), { method, headers, redirect: "error", signal: limit });
  return answer.ok ? (await answer.text()).trim() : undefined;
};
