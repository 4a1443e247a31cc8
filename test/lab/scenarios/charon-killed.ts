import { createConnection } from "node:net";
import { systemClock } from "../../../agent/lib/clock.ts";
import { check, checkEqual, waitUntil } from "../check.ts";
import { type Health, readHealth, untilHealth, untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { isRunning } from "../process-tree.ts";
import { startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

const charonPid = async (lab: Lab): Promise<number> => Number((await lab.gateway.read("/run/charon.pid")).trim());

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(path);
    const end = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.once("connect", () => end(true)).once("error", () => end(false));
  });

/** The socket of another charon: that of a dying one may answer for a moment, as long as one of its threads is left. */
const untilSocket = (lab: Lab, killed: number): Promise<void> =>
  waitUntil(
    "charon's socket to be back",
    30,
    async () => {
      const pid = await charonPid(lab).catch(() => killed);
      const back = pid !== killed && isRunning(pid) && (await answers(lab.gateway.path("/run/charon.vici")));
      return back ? { done: true, value: undefined } : { done: false, seen: `charon is ${pid}, ${killed} was killed` };
    },
    5,
  );

const isInstalled = ({ tunnels }: Health, count: number): boolean =>
  tunnels.filter(({ child }) => child === "INSTALLED").length === count;

const killCharon = async (lab: Lab): Promise<{ pid: number; killedAt: number }> => {
  const pid = await charonPid(lab);
  check(pid > 1 && isRunning(pid), `charon's pid file should name a running process, found ${pid}`);
  const killedAt = systemClock.monotonic();
  process.kill(pid, "SIGKILL");
  const health = await untilHealth(lab, "charon-absent", 2, ({ warnings }) =>
    warnings.some(({ code }) => code === "charon-absent"),
  );
  const ms = systemClock.monotonic() - killedAt;
  checkEqual({ code: health.code, status: health.status }, { code: 503, status: "down" }, "/healthz without charon");
  lab.findings.notes.push(`charon's death to /healthz saying so: ${ms.toFixed(0)} ms`);
  return { pid, killedAt };
};

export const charonKilled: Scenario = {
  name: "charon-killed",
  title: "A killed charon is told at once, and the tunnels are back within 2 s of its socket",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await startSteady(lab);
    lab.progress("kill -9 of charon; starter starts another in about five seconds");
    const { pid, killedAt } = await killCharon(lab);
    await untilSocket(lab, pid);
    const backAt = systemClock.monotonic();
    const health = await untilHealth(lab, "the tunnels as installed", 20, (one) => isInstalled(one, lab.wantedTunnels));
    const installed = (systemClock.monotonic() - backAt) / 1000;
    check(!health.warnings.some(({ code }) => code === "charon-absent"), "charon-absent should be gone");
    await untilWhole(lab);
    const passing = (systemClock.monotonic() - backAt) / 1000;
    lab.findings.notes.push(
      `charon's death to its socket being back: ${((backAt - killedAt) / 1000).toFixed(2)} s`,
      `the socket to every wanted CHILD_SA INSTALLED: ${installed.toFixed(2)} s, proven to pass: ${passing.toFixed(2)} s`,
    );
    check(installed <= 2, `the tunnels should be back within 2 s of charon's socket, it took ${installed.toFixed(2)} s`);
    const { sent, received } = await lab.ping(20);
    lab.findings.ping = { sent, received };
    checkEqual(received, sent, "pings afterwards");
    lab.findings.tunnels = (await readHealth(lab))?.tunnels ?? [];
  },
};
