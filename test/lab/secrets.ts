import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DATA_SECRETS } from "./privatelink/sample.ts";
import { NEW_PSKS, SAMPLE, TUNNELS } from "./sample.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** The lab's secrets, in every spelling in which a program may write them. */
const SECRETS: readonly { readonly name: string; readonly spellings: readonly string[] }[] = [
  ...TUNNELS.map(({ index, psk }) => ({ name: `PSK ${index}`, spellings: [psk, base64(psk)] })),
  ...NEW_PSKS.map((psk, index) => ({ name: `the new PSK ${index + 1}`, spellings: [psk, base64(psk)] })),
  { name: "the token", spellings: [SAMPLE.token, base64(SAMPLE.token), base64(`:${SAMPLE.token}`)] },
  ...Object.entries(DATA_SECRETS).map(([whose, secret]) => ({
    name: `the secret of ${whose}`,
    spellings: [secret, base64(secret), base64(`:${secret}`)],
  })),
];

/** Every spelling of every secret. */
export const secretSpellings = (): string[] => SECRETS.flatMap(({ spellings }) => spellings);

/** The names of the secrets that a text contains. */
export const secretsIn = (text: string): string[] =>
  SECRETS.filter(({ spellings }) => spellings.some((spelling) => text.includes(spelling))).map(({ name }) => name);

/** "vgw1-strongswan.log contains PSK 1", one for each captured file and secret; none when all is well. */
export const searchForSecrets = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) =>
      secretsIn(readFileSync(join(entry.parentPath, entry.name), "latin1")).map((name) => `${entry.name} contains ${name}`),
    );

/** Notes the arguments of every process of the cell, again and again: anyone on a machine can read them. */
export class ArgvSampler {
  readonly #seen = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor(intervalMs = 250) {
    this.#timer = setInterval(() => this.#sample(), intervalMs);
  }

  /** All the command lines seen, one a line. */
  stop(): string {
    clearInterval(this.#timer);
    this.#sample();
    return [...this.#seen].sort().join("\n");
  }

  #sample(): void {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        this.#seen.add(readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim());
      } catch {
        // The process has ended meanwhile.
      }
    }
  }
}
