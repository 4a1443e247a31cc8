import type { ErrorPage } from "./error-page.ts";

/** Of what is made, changed and destroyed at Heroku. */
export const HEROKU_ERRORS = {
  HEROKU_REFUSED: {
    meaning:
      "Heroku refused to create, change or destroy a VPN connection or a PrivateLink; its words are in the message. Nothing was changed.",
    advice: "Correct what Heroku names. A space has one VPN connection at most: `spacegate vpn info` shows it.",
  },
  VPN_REFUSED: {
    meaning: "What was asked for would not work or was not confirmed, so Heroku was asked for nothing.",
    advice: "The message says which value is wrong and what would be right.",
  },
  VPN_FAILED: {
    meaning: "Heroku could not make the VPN connection, or removes it; Heroku's own words are in the message.",
    advice: "`spacegate vpn destroy`, then `spacegate vpn connect` again; if it fails again, ask Heroku's support.",
  },
  VPN_TIMEOUT: {
    meaning: "Something at Heroku, or the agent's new tunnels, took longer than --timeout. What has begun goes on.",
    advice: "`spacegate vpn wait` waits on, and `spacegate vpn rotate` goes on with a rotation; --timeout gives it more time.",
  },
  PRIVATELINK_NOT_FOUND: {
    meaning: "Heroku knows no such app or add-on, or the add-on has no PrivateLink. Nothing was changed.",
    advice: "`heroku addons --app APP` lists add-ons; `spacegate privatelink create` makes a PrivateLink.",
  },
  PRIVATELINK_REFUSED: {
    meaning: "What was asked of a PrivateLink would not work or was not confirmed, so nothing was changed.",
    advice: "The message says which value is wrong and what would be right.",
  },
  PRIVATELINK_FAILED: {
    meaning: "Heroku could not make the PrivateLink, or somebody removes it; its state at Heroku is in the message.",
    advice:
      "`spacegate privatelink destroy`, then `spacegate privatelink create` again; if it fails again, ask Heroku's support.",
  },
  PRIVATELINK_TIMEOUT: {
    meaning: "Something that Heroku does for a PrivateLink took longer than --timeout. What has begun goes on.",
    advice: "`spacegate privatelink wait` waits on; --timeout gives it more time.",
  },
} as const satisfies Readonly<Record<string, ErrorPage>>;
