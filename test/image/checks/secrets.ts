import { check, checkEqual } from "../../lab/check.ts";
import { searchForSecrets, secretSpellings, secretsIn } from "../../lab/secrets.ts";
import type { ImageLab } from "../image-lab.ts";
import type { ImageCheck } from "./check.ts";

/** Where a gateway keeps them, readable by root alone. */
const KEPT = [
  /^\/etc\/ipsec\.secrets$/,
  /^\/etc\/credstore\/heroku-api-key$/,
  /^\/run\/credentials\/spacegate\.service\/heroku-api-key$/,
  /^\/var\/lib\/spacegate\//,
];

/** cloud-init keeps what it was handed; whoever hands a token over this way has it there too. */
const HANDED = /^\/(var\/lib|run)\/cloud(-init)?\//;

interface Find {
  readonly path: string;
  readonly owner: string;
  readonly mode: string;
}

const SEARCH = `cat >/run/spellings; grep -rlaF -f /run/spellings /etc /var /run /root /home /tmp /opt /srv --exclude=spellings 2>/dev/null |
  while read -r path; do stat -c '%n %U %a' "$path"; done; rm /run/spellings`;

const findFiles = async (lab: ImageLab): Promise<Find[]> =>
  (await lab.machine.shell(SEARCH, `${secretSpellings().join("\n")}\n`))
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => /^(.*) (\S+) (\d+)$/.exec(line))
    .map((found) => ({ path: found?.[1] ?? "", owner: found?.[2] ?? "", mode: found?.[3] ?? "" }));

const isRootsAlone = ({ owner, mode }: Find): boolean => owner === "root" && /^[0-7]00$/.test(mode);

const TOLD: Readonly<Record<string, readonly string[]>> = {
  "the journal": ["journalctl", "--no-pager", "--output=export", "--all"],
  "the arguments of processes": ["sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"],
  "the environments of processes": ["sh", "-c", "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' ' '"],
};

const secrets: ImageCheck = {
  name: "secrets",
  title: "PSKs and token are in no journal, log, argument or environment, and only in files that root alone may read",
  run: async (lab) => {
    for (const [what, argv] of Object.entries(TOLD)) {
      const { stdout } = await lab.inGateway(argv);
      checkEqual(secretsIn(stdout), [], `secrets in ${what}`);
    }
    const found = await findFiles(lab);
    const open = found.filter((find) => !isRootsAlone(find)).map(({ path, owner, mode }) => `${path} (${owner} ${mode})`);
    const elsewhere = found.map(({ path }) => path).filter((path) => !HANDED.test(path) && !KEPT.some((kept) => kept.test(path)));
    lab.findings.notes.push(`files with a secret: ${found.map(({ path, mode }) => `${path} ${mode}`).join(", ")}`);
    checkEqual(open, [], "files with a secret that others than root may read");
    checkEqual(elsewhere, [], "files with a secret where none belongs");
    check(found.length > 0, "a search that finds not even ipsec.secrets proves nothing");
    checkEqual(searchForSecrets(lab.logs), [], "secrets in what programs printed during the test");
  },
};

export const secretChecks = [secrets] as const;
