import { SpacegateError } from "../lib/errors.ts";
import { keepTrying } from "./patience.ts";
import type { Interfaces, Pace } from "./seams.ts";

const stillOn = (ids: readonly string[]): SpacegateError =>
  new SpacegateError(
    "SOURCE_DEST_CHECK_ON",
    `EC2's source/destination check is on for ${ids.join(", ")}: AWS drops every packet that this gateway forwards.`,
    {
      fix: `${ids.map((id) => `aws ec2 modify-network-interface-attribute --network-interface-id ${id} --no-source-dest-check`).join("; ")}; or say source_dest_check: disable and allow the instance's role ec2:ModifyNetworkInterfaceAttribute on it.`,
    },
  );

const checkedOnes = async (ids: readonly string[], interfaces: Interfaces, pace: Pace): Promise<string[]> => {
  const checked: string[] = [];
  for (const id of ids) if (await keepTrying(pace, () => interfaces.isChecked(id))) checked.push(id);
  return checked;
};

export interface Forwarding {
  readonly state: "off" | "switched-off";
  readonly interfaces: readonly string[];
}

/**
 * Looks at the source/destination check of each of this instance's interfaces, and with `disable` switches it off where it is
 * on; what AWS took is not believed but looked at. Rejects with SOURCE_DEST_CHECK_ON, FIRST_BOOT_REFUSED or FIRST_BOOT_TIMEOUT.
 */
export const makeForward = async (mode: "verify" | "disable", interfaces: Interfaces, pace: Pace): Promise<Forwarding> => {
  const ids = await keepTrying(pace, () => interfaces.ids());
  const checked = await checkedOnes(ids, interfaces, pace);
  if (checked.length === 0) return { state: "off", interfaces: ids };
  if (mode === "verify") throw stillOn(checked);
  for (const id of checked) await keepTrying(pace, () => interfaces.stopChecking(id));
  const left = await checkedOnes(checked, interfaces, pace);
  if (left.length > 0) throw stillOn(left);
  return { state: "switched-off", interfaces: ids };
};
