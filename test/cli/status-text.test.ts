import { expect, it } from "vitest";
import { statusText } from "../../agent/cli/status-text.ts";
import { connectionStatus, gatewayStatus, tunnelStatus, WARNING } from "../expose/support.ts";

it("shows gateway, connections, tunnels and warnings, worst marked, each with its fix", () => {
  const { connection: _connection, ...host } = WARNING;
  const warnings = [WARNING, { ...host, severity: "critical" as const, text: "charon does not answer", fix: "Start it." }];
  expect(statusText(gatewayStatus({ warnings }))).toBe(
    [
      "gateway: degraded",
      "acme-space/office: degraded",
      "  tunnel 1  34.203.187.158   IKE ESTABLISHED  child INSTALLED  passing  carries",
      "  tunnel 2  34.227.70.143    IKE CONNECTING  child NONE  not proven",
      "    no answer",
      "! acme-space/office: Tunnel 2 has no CHILD_SA",
      "    Open UDP 500.",
      "!! charon does not answer",
      "    Start it.",
    ].join("\n"),
  );
});

it("tells what is proven not to pass from what is not proven", () => {
  const tunnels = [tunnelStatus(1, { passing: false }), tunnelStatus(2, { passing: null })];
  const text = statusText(gatewayStatus({ connections: [connectionStatus({ tunnels })], warnings: [] }));
  expect(text).toMatch(/tunnel 1 .* not passing.*\n.*tunnel 2 .* not proven/);
});
