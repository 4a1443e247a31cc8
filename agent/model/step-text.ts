import type { Step } from "./step.ts";

/** One sentence about a step, without anything secret in it. */
export const describeStep = (step: Step): string => {
  switch (step.kind) {
    case "check-proposals":
      return `have charon check the proposals ike=${step.tunnel.ikeProposal} esp=${step.tunnel.espProposal}`;
    case "keep-original":
      return `keep ${step.path} as ${step.keptAs}`;
    case "write-file":
      return `write ${step.file.path}`;
    case "start-charon":
      return "start strongSwan";
    case "restart-charon":
      return `restart strongSwan: ${step.why}`;
    case "add-link":
    case "change-link":
      return `${step.kind === "add-link" ? "add" : "change"} the VTI link ${step.link.name} to ${step.link.remote}`;
    case "delete-link":
      return `delete the VTI link ${step.name}`;
    case "set-sysctl":
      return `set ${step.sysctl.key} to ${step.sysctl.value}`;
    case "replace-route":
    case "delete-route":
      return `${step.kind === "replace-route" ? "set" : "delete"} the route ${step.route.dst} ${step.route.dev ? `through ${step.route.dev}` : "unreachable"}, table ${step.route.table}, metric ${step.route.metric}`;
    case "add-rule":
    case "delete-rule":
      return `${step.kind === "add-rule" ? "add" : "delete"} the rule for ${step.rule.kind === "mark" ? `mark ${step.rule.mark}` : `TCP port ${step.rule.port}`}`;
    case "apply-firewall":
      return `load the firewall's table: ${step.why}`;
    case "remove-firewall":
      return "remove the firewall's table";
    case "reread-secrets":
      return "have charon read the secrets again";
    case "update-conns":
      return "have charon read the conns again";
    case "reauthenticate":
      return `authenticate ${step.conn} anew with its new PSK`;
    case "terminate-ike":
      return `end ${step.conn}[${step.uniqueId}]: ${step.why}`;
    case "initiate":
      return `bring up ${step.tunnel.conn}: ${step.why}`;
  }
};
