import { askMetadata } from "./metadata.ts";

/** EC2's instance metadata service in its version 2. Source: EC2 user guide, "Access instance metadata". */
export interface Imds {
  /** The text at a path below /latest/meta-data/; undefined where there is nothing. Rejects when nothing answers in time. */
  read(path: string): Promise<string | undefined>;
}

/** Asks for a session and then reads within it; undefined when the service gives none, because it is switched off. */
export const openImds = async (base: string, patienceMs: number, signal: AbortSignal): Promise<Imds | undefined> => {
  const ask = (path: string, headers: Readonly<Record<string, string>>, method = "GET") =>
    askMetadata({ base, path, method, headers, patienceMs }, signal);
  const token = await ask("/latest/api/token", { "x-aws-ec2-metadata-token-ttl-seconds": "60" }, "PUT");
  if (token === undefined) return undefined;
  return { read: (path) => ask(`/latest/meta-data/${path}`, { "x-aws-ec2-metadata-token": token }) };
};
