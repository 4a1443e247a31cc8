import type { ErrorPage } from "./error-page.ts";

/** Of commands that people type, and of the first boot. */
export const COMMAND_ERRORS = {
  NOT_ROOT: {
    meaning: "The command changes the host, and only root may.",
    advice: "Run it with sudo; `--root DIR` keeps everything below a directory, where no root is needed.",
  },
  NOT_RUNNING: {
    meaning: "No agent answers on the address that the settings name. Tunnels that were up stay up without it.",
    advice: "systemctl start spacegate; journalctl -u spacegate tells why it ended. --config must name the agent's own settings.",
  },
  DRILL_REFUSED: {
    meaning: "A drill would have cut the connection, or could not have measured anything. Nothing was taken down.",
    advice: "Wait until both tunnels pass (`spacegate status`), and see that probe.target is set.",
  },
  DRAIN_FAILED: {
    meaning: "`spacegate drain` did not see the tunnels closed: the agent was restarted meanwhile, or charon keeps an SA.",
    advice: "`spacegate status` shows what is up; run it again, or `spacegate drain --cancel` to serve again.",
  },
  CONNECTION_UNKNOWN: {
    meaning: "The settings have no connection of that name.",
    advice: "Say --connection SPACE/NAME as the settings have it; without it every connection is shown.",
  },
  CODE_UNKNOWN: {
    meaning: "`spacegate explain` was asked for a code that this version does not have.",
    advice: "`spacegate explain` without a code lists them all.",
  },
  INTERRUPTED: {
    meaning: "Somebody stopped the command (Ctrl-C). The message says what state things are in. The exit code is 130.",
    advice: "Run the command that the message names to go on.",
  },
  OPTION_MISSING: {
    meaning: "Without a terminal nothing can be asked, and an option that is needed was not given. The exit code is 2.",
    advice: "Give the option that the message names, or run the command in a terminal.",
  },
  SETUP_REFUSED: {
    meaning: "`spacegate setup` would have overwritten something, or a value does not fit. Nothing was written.",
    advice: "The message says what would be right; --force replaces a settings file and keeps the old one beside it.",
  },
  FIRST_BOOT_REFUSED: {
    meaning:
      "What the first-boot file names is not there, is empty, or AWS does not give it out; the message names action and resource.",
    advice: "Correct /etc/spacegate/first-boot.yaml or the instance's role, and run `spacegate first-boot` again.",
  },
  FIRST_BOOT_TIMEOUT: {
    meaning: "Network, credentials or AWS were not there within --wait. What has been written is whole.",
    advice: "See the way out of the subnet and the instance's profile; `spacegate first-boot` tries again.",
  },
  BUNDLE_REFUSED: {
    meaning: "A secret was found in what would have become the bundle, so no bundle was written.",
    advice: "The message names the part. Leave that part out with --without PART, and report it: it should not happen.",
  },
  OUTPUT_EXISTS: {
    meaning: "`spacegate monitoring` would have replaced files that somebody else has made or changed. Nothing was written.",
    advice: "--force replaces them; another --out leaves them alone.",
  },
} as const satisfies Readonly<Record<string, ErrorPage>>;
