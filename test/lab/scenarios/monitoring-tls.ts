import { uncommented } from "../../monitoring/uncommented.ts";
import { programCommand, type RawSettings } from "../agent.ts";
import { checkEqual, waitUntil } from "../check.ts";
import type { Lab } from "../lab.ts";
import { Prometheus } from "../prometheus.ts";
import { SAMPLE } from "../sample.ts";
import { quick, startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

const OUT = "/run/prometheus";
const TOKEN_FILE = "/etc/spacegate/http-token";
const CONFIGURATION = `${OUT}/prometheus.yml`;

/** Everything that keeps strangers out. The token is one that the lab looks for wherever it must not be. */
const guarded = (settings: RawSettings): RawSettings => ({
  ...quick(settings),
  listen: { tls: { client_certificates: "required" }, token_file: TOKEN_FILE },
});

/** What the generated scrape configuration says, done as it says. */
const prepare = async (lab: Lab): Promise<void> => {
  await lab.inGateway(programCommand("monitoring", "--out", OUT, "--interval", "1s"));
  await lab.inGateway(programCommand("tls", "client", "prometheus", "--out", OUT));
  await lab.gateway.write(`${OUT}/token`, `${SAMPLE.token}\n`, 0o600);
  await lab.gateway.write(TOKEN_FILE, `${SAMPLE.token}\n`, 0o600);
  await lab.gateway.write(CONFIGURATION, uncommented(await lab.gateway.read(CONFIGURATION)));
};

const untilUp = (prometheus: Prometheus, wanted: "0" | "1"): Promise<void> =>
  waitUntil(`up to be ${wanted}`, 20, async () => {
    const [up] = await prometheus.query("up");
    return up?.value === wanted ? { done: true, value: undefined } : { done: false, seen: JSON.stringify(up) };
  });

const untilAlerts = (prometheus: Prometheus, wanted: readonly string[]): Promise<void> =>
  waitUntil(`the alerts ${wanted.join(", ") || "none"}`, 10, async () => {
    const names = (await prometheus.alerts()).map(({ labels }) => labels.alertname ?? "");
    const done = JSON.stringify(names) === JSON.stringify(wanted);
    return done ? { done, value: undefined } : { done, seen: names.join(", ") || "none" };
  });

export const monitoringTls: Scenario = {
  name: "monitoring-tls",
  title: "A real Prometheus scrapes over TLS with a client certificate and a bearer token, as the generated comments say",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await startSteady(lab);
    await prepare(lab);
    lab.progress("starting Prometheus, which asks for TLS while the agent has none");
    const prometheus = await Prometheus.start(lab, OUT);
    try {
      await untilUp(prometheus, "0");
      await untilAlerts(prometheus, ["SpacegateAgentDown"]);
      lab.progress("the agent serves TLS, and wants a certificate and a token");
      await lab.writeSettings(guarded);
      await untilUp(prometheus, "1");
      await untilAlerts(prometheus, []);
      const [charon] = await prometheus.query("spacegate_charon_up");
      checkEqual(charon?.value, "1", "what came in over TLS");
    } finally {
      await prometheus.stop();
    }
  },
};
