import { check, checkEqual } from "../../lab/check.ts";
import { propertyOf } from "../gateway-agent.ts";
import type { ImageLab } from "../image-lab.ts";
import type { ImageCheck } from "./check.ts";

const EXPOSURE = 2;

const service: ImageCheck = {
  name: "service",
  title: "The service has told systemd that it is ready, and is confined",
  run: async (lab) => {
    checkEqual(await propertyOf(lab.machine, "Type"), "notify", "the service's type");
    checkEqual(await propertyOf(lab.machine, "SubState"), "running", "the service's state");
    checkEqual(await propertyOf(lab.machine, "NRestarts"), "0", "how often it was started again");
    const text = await lab.machine.run("systemd-analyze", "security", "--no-pager", "spacegate");
    const score = Number(/Overall exposure level for spacegate\.service: ([\d.]+)/.exec(text)?.[1]);
    lab.findings.notes.push(`systemd-analyze security: ${score}`);
    check(score <= EXPOSURE, `systemd should find the service exposed by ${EXPOSURE} at most, it finds ${score}`);
  },
};

const PROFILES = ["/usr/lib/ipsec/charon", "/usr/lib/ipsec/stroke"];

const loadedProfiles = async (lab: ImageLab): Promise<string[]> =>
  (await lab.machine.run("cat", "/sys/kernel/security/apparmor/profiles")).split("\n");

const appArmor: ImageCheck = {
  name: "apparmor",
  title: "AppArmor enforces strongSwan's profiles, and charon can read what the agent writes",
  run: async (lab) => {
    const loaded = await loadedProfiles(lab);
    for (const profile of PROFILES) check(loaded.includes(`${profile} (enforce)`), `${profile} should be enforced: ${loaded}`);
    const label = await lab.machine.shell('cat "/proc/$(pidof charon)/attr/current"');
    checkEqual(label, "/usr/lib/ipsec/charon (enforce)", "charon's confinement");
    const conns = await lab.machine.run("swanctl", "--list-conns");
    for (const name of ["office.1", "office.2"]) check(conns.includes(name), `charon should have read the conn ${name}`);
  },
};

/** To come last: of the whole run. */
const noDenial: ImageCheck = {
  name: "apparmor-denials",
  title: "AppArmor had nothing to deny, and the journal has every boot to tell so",
  run: async (lab) => {
    const boots = (await lab.machine.run("journalctl", "--list-boots", "--no-pager", "--quiet")).split("\n");
    checkEqual(boots.length, lab.machine.powerOns, "boots in the journal");
    const denied = await lab.machine.shell("journalctl --no-pager --output=cat | grep -a 'apparmor=\"DENIED\"' || true");
    lab.findings.notes.push(`${boots.length} boots`);
    checkEqual(denied, "", "what AppArmor denied");
  },
};

export const serviceChecks = [service, appArmor] as const;
export const denialChecks = [noDenial] as const;
