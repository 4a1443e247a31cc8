import type { ErrorPage } from "./error-page.ts";

/** Of the daemon: settings, Heroku as its source, this host, strongSwan, its HTTP server. */
export const AGENT_ERRORS = {
  SETTINGS_INVALID: {
    meaning:
      "The settings file is missing, unreadable or wrong. A running agent goes on with the settings it had; one that starts goes on with the last good text, unless the file is missing.",
    advice: "The message names line, key and a right example. `spacegate schema` prints what is allowed.",
  },
  CONNECTION_INVALID: {
    meaning:
      "The connection's details at Heroku, or its name, cannot be used: a value is wrong or does not fit the settings. Nothing was changed.",
    advice: "Compare the named field with `heroku spaces:vpn:info`, and local.subnets with the connection's routable CIDRs.",
  },
  SOURCE_UNAUTHORIZED: {
    meaning: "Heroku does not know the token: it was revoked, has expired or was mistyped. The tunnels stay up.",
    advice: "Make a new one with `heroku authorizations:create --description spacegate` and put it in place of the old one.",
  },
  SOURCE_FORBIDDEN: {
    meaning: "Heroku knows the token, but it may not read this space's VPN connections.",
    advice: "Give the account access to the space, and the token the scope read-protected (or global).",
  },
  SOURCE_NOT_FOUND: {
    meaning: "Heroku does not know the space or the connection, or the file does not hold it.",
    advice: "Check connections[].space and connections[].name with `heroku spaces:vpn:connections --space SPACE`.",
  },
  SOURCE_RATE_LIMITED: {
    meaning: "Heroku has had too many requests with this token.",
    advice: "Nothing to do: the agent waits. If it lasts, see what else uses the token, or raise heroku.poll_interval.",
  },
  SOURCE_UNAVAILABLE: {
    meaning:
      "Heroku's API, its client or the saved file could not be reached or read. The tunnels go on with the last good details.",
    advice: "Check name resolution, proxy and network to api.heroku.com; https://status.heroku.com tells of incidents.",
  },
  SOURCE_MALFORMED: {
    meaning: "What came in Heroku's place is not a VPN connection: HTML of a proxy, broken JSON, or another connection.",
    advice: "See what stands between this host and Heroku; for a saved file, save it anew with `heroku spaces:vpn:info --json`.",
  },
  SOURCE_CLIENT_MISSING: {
    meaning: "The settings say heroku.source: heroku-cli, but the `heroku` client cannot be started.",
    advice:
      "Install the Heroku client for the agent's user (the service needs a drop-in for it: README, The package), or use heroku.source: platform-api.",
  },
  TOKEN_MISSING: {
    meaning: "There is no Heroku API token, or it holds characters that no token has.",
    advice:
      "Put it into /etc/credstore/heroku-api-key (0600, read by the service), HEROKU_API_KEY, or, for commands typed by hand, ~/.netrc for machine api.heroku.com.",
  },
  TEMPLATE_INVALID: {
    meaning: "A template in /etc/spacegate/templates cannot be read or filled in. The files on the host stay as they are.",
    advice: "Correct it, or remove it to have the built-in one; the message names line and field.",
  },
  HOST_READ_FAILED: {
    meaning: "A file of this host that must be known before anything is changed could not be read.",
    advice: "Run as root; the message names the file and the system's reason.",
  },
  HOST_WRITE_FAILED: {
    meaning: "A file or kernel setting could not be written. What was there before is whole and untouched.",
    advice: "Make room, remount what is read-only, run as root: the message names the file and the system's reason.",
  },
  COMMAND_FAILED: {
    meaning: "A program that the agent ran (ip, ipsec, …) failed; its words are in the message. The next pass tries again.",
    advice: "Run it by hand as root; `ip` needs CAP_NET_ADMIN, and for VTI links the kernel module ip_vti.",
  },
  COMMAND_MISSING: {
    meaning: "A program that the agent needs is not installed.",
    advice: "apt-get install strongswan-starter strongswan-charon strongswan-swanctl iproute2 iputils-ping",
  },
  COMMAND_TIMEOUT: {
    meaning: "A program, or charon, did not answer in time.",
    advice: "See whether the machine is overloaded (uptime, dmesg); if charon hangs: systemctl restart strongswan-starter",
  },
  CONFIG_REJECTED: {
    meaning: "strongSwan's own parser refuses the rendered ipsec.conf, so it was not written.",
    advice: "Most often it is a changed template: compare `spacegate plan` with and without /etc/spacegate/templates.",
  },
  CONN_DROPPED: {
    meaning:
      "charon was told of a tunnel's conn, or of ipsec.secrets, and did not take it: usually a proposal that it does not have.",
    advice: "Set connections[].proposals to what this charon implements; `swanctl --list-algs` tells.",
  },
  VICI_UNREACHABLE: {
    meaning:
      "charon's control socket /run/charon.vici does not answer: charon is not running, lacks the vici plugin, or you are not root.",
    advice: "systemctl start strongswan-starter; apt-get install strongswan-swanctl brings the plugin.",
  },
  VICI_PROTOCOL: {
    meaning: "charon's control socket sent something that is not VICI.",
    advice: "Restart strongswan-starter at a quiet moment; if it comes again, send the bundle of `spacegate bundle`.",
  },
  VICI_COMMAND_FAILED: {
    meaning: "charon refused a command, or could not carry it out; its reason is in the message.",
    advice: "For a tunnel that does not come up, `spacegate status` names the cause and `spacegate explain REASON` tells more.",
  },
  TLS_UNUSABLE: {
    meaning:
      "A certificate, private key or CA of the HTTP server cannot be used. What was in force stays in force; without any, every TLS connection is refused.",
    advice: "The message names the file and what is wrong with it; it is read again as soon as it is replaced.",
  },
  TLS_CLIENT_REFUSED: {
    meaning: "No client certificate was issued: the server would not take it, or a file of that name is there already.",
    advice: "Ask the owner of listen.tls.client_ca for one, or choose another name or directory.",
  },
  ACCESS_TOKEN_UNUSABLE: {
    meaning: "listen.token_file cannot be used, so that only /livez is served over the network.",
    advice: "Put one token of 20 characters or more into it, on one line, readable by its owner only (0600).",
  },
  LISTEN_FAILED: {
    meaning: "The agent cannot serve HTTP on listen.address and listen.port.",
    advice: "`ss -ltnp` tells who has the port; choose another listen.port, or an address that this host has.",
  },
} as const satisfies Readonly<Record<string, ErrorPage>>;
