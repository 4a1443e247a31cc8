import { check, checkEqual, waitUntil } from "../../lab/check.ts";
import { untilWhole } from "../../lab/health.ts";
import { propertyOf } from "../gateway-agent.ts";
import type { ImageLab } from "../image-lab.ts";
import { PASSING_FILE } from "../seed.ts";
import { slownessOf } from "../slowness.ts";
import type { ImageCheck } from "./check.ts";

/** Seconds that the agent's own share may be, on a machine as quick as this one without emulation. */
const OWN_SHARE = 3;

const untilPassing = (lab: ImageLab): Promise<number> =>
  waitUntil(
    "both tunnels to pass, as seen inside",
    900,
    async () => {
      const seconds = Number(await lab.gateway.read(PASSING_FILE));
      return seconds > 0
        ? { done: true, value: seconds }
        : { done: false, seen: (await lab.http("/healthz"))?.body ?? "nothing" };
    },
    2000,
  );

export interface Boot {
  /** Seconds since the kernel's start. */
  readonly passing: number;
  readonly agentStarted: number;
  /** Seconds from power-on to the kernel's start. */
  readonly firmware: number;
}

/** Waits until both tunnels pass after a power-on, and tells when things happened. */
export const untilBooted = async (lab: ImageLab): Promise<Boot> => {
  const firmware = await lab.machine.firmwareSeconds();
  const passing = await untilPassing(lab);
  await untilWhole(lab, 120);
  const agentStarted = Number(await propertyOf(lab.machine, "ExecMainStartTimestampMonotonic")) / 1e6;
  return { passing, agentStarted, firmware };
};

/** Notes how long it all took; returns the agent's own share in seconds, as it would be without emulation. */
const noteTimes = async (lab: ImageLab, { passing, agentStarted, firmware }: Boot): Promise<number> => {
  const [own, slowness] = [passing - agentStarted, await slownessOf(lab)];
  lab.findings.notes.push(
    `power-on to both tunnels passing: ${(firmware + passing).toFixed(1)} s, of it firmware and boot loader ${firmware.toFixed(1)} s`,
    `the agent's own share, from its start on: ${own.toFixed(1)} s; the machine is ${slowness.toFixed(1)} times slower than this one: ${(own / slowness).toFixed(2)} s natively`,
  );
  return own / slowness;
};

const untilSettled = (lab: ImageLab): Promise<void> =>
  waitUntil(
    "the system to be running, without a failed unit",
    300,
    async () => {
      const state = await lab.machine.shell("systemctl is-system-running; systemctl --failed --plain --no-legend; true");
      check(!state.startsWith("degraded"), `units have failed: ${state}`);
      return state === "running" ? { done: true, value: undefined } : { done: false, seen: state };
    },
    3000,
  );

const powerOn: ImageCheck = {
  name: "power-on",
  title: "From power-on, with settings from cloud-init, to both tunnels passing",
  run: async (lab) => {
    const own = await noteTimes(lab, await untilBooted(lab));
    check(own <= OWN_SHARE, `the agent's own share should be ${OWN_SHARE} s at most`);
    const status = JSON.parse(await lab.machine.run("spacegate", "status", "--json")) as {
      readonly connections: readonly {
        readonly routing: string;
        readonly tunnels: readonly { readonly passing: boolean | null }[];
      }[];
    };
    const [office] = status.connections;
    checkEqual(
      [office?.routing, ...(office?.tunnels.map((tunnel) => tunnel.passing) ?? [])],
      ["vti", true, true],
      "status --json",
    );
    const { sent, received } = await lab.ping(50);
    checkEqual(received, sent, "pings from the LAN");
    await untilSettled(lab);
  },
};

const reboot: ImageCheck = {
  name: "reboot",
  title: "Off and on again, and both tunnels come back by themselves",
  run: async (lab) => {
    await lab.reboot();
    await noteTimes(lab, await untilBooted(lab));
    const { sent, received } = await lab.ping(50);
    checkEqual(received, sent, "pings from the LAN");
    await untilSettled(lab);
  },
};

export const bootChecks = [powerOn] as const;
export const rebootChecks = [reboot] as const;
