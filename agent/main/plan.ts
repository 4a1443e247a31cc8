import type { PlanOptions } from "../cli/plan.ts";
import { type Before, type FirewallBefore, planReport, planText } from "../cli/plan-text.ts";
import type { Observed } from "../model/observed.ts";
import { isOurs } from "../plan/file-steps.ts";
import type { Fingerprint } from "../render/fingerprint.ts";
import { maskPsks } from "../render/mask.ts";
import { open } from "./open.ts";

const shownBefore =
  (files: Observed["files"], fingerprint: Fingerprint): Before =>
  (path) => {
    const file = files[path];
    if (!file) return { kind: "absent" };
    return isOurs(file) ? { kind: "own", text: maskPsks(file.content.reveal(), fingerprint) } : { kind: "foreign" };
  };

const firewallBefore = ({ firewall, firewallMemory }: Observed): FirewallBefore | undefined =>
  firewall.kind === "present" || firewall.kind === "absent"
    ? { listing: firewall.kind === "present" ? firewall.listing : undefined, memory: firewallMemory }
    : undefined;

export const plan = async (options: PlanOptions): Promise<number> => {
  const { gateway, workshop, sources, close } = await open(options, false);
  try {
    await sources.start();
    const { result, files, steps, observed } = await gateway.preview();
    const problems = gateway.status.warnings.filter((warning) => warning.severity !== "info");
    const before = shownBefore(observed.files, workshop.deps.fingerprint);
    const report = planReport(files, steps, before, problems, firewallBefore(observed));
    process.stdout.write(
      options.json
        ? `${JSON.stringify(report)}
`
        : `${planText(report)}
`,
    );
    if (result.missing.length > 0 || problems.some(({ severity }) => severity === "critical")) return 1;
    return options.exitCode && steps.length > 0 ? 1 : 0;
  } finally {
    await gateway.stop();
    await close();
  }
};
