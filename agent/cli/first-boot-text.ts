import type { FirstBootReport } from "../model/first-boot.ts";

const SETTINGS: Readonly<Record<FirstBootReport["settings"]["state"], string>> = {
  written: "written",
  kept: "was there, and stays as it is (--force replaces it)",
};

const TOKEN: Readonly<Record<FirstBootReport["token"]["state"], string>> = {
  written: "written, for root alone; a service that runs takes it with: systemctl try-restart spacegate",
  unchanged: "is the newest already",
  kept: "was there, and stays as it is (--refresh-token fetches it anew)",
  "not-wanted": "is not asked for",
};

const FORWARDING: Readonly<Record<FirstBootReport["source_dest_check"]["state"], string>> = {
  off: "is off",
  "switched-off": "was on and is switched off",
  known: "was off when this instance was looked at before",
  ignored: "is left alone",
  "not-ec2": "is not looked at: this host is not an EC2 instance",
};

/** What was done, in words. */
export const firstBootText = ({ file, settings, token, source_dest_check: check, notes }: FirstBootReport): string => {
  if (file === null) return "There is no /etc/spacegate/first-boot.yaml: nothing to do.";
  const interfaces = check.interfaces.length === 0 ? "" : ` (${check.interfaces.join(", ")})`;
  return [
    `Settings: ${settings.path} ${SETTINGS[settings.state]}.`,
    `Token: ${token.path} ${TOKEN[token.state]}.`,
    `EC2's source/destination check${interfaces} ${FORWARDING[check.state]}.`,
    ...notes,
  ].join("\n");
};
