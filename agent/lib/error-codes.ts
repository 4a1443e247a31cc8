/** What one stable code means, for `spacegate explain` and README.md. */
interface ErrorPage {
  /** One or two sentences. */
  readonly meaning: string;
  /** In general; each error brings the fix for its own case. */
  readonly advice: string;
}

/** The declared list of errors: an error with a code that is not here does not compile. */
export const ERROR_CODES = {
  SETTINGS_INVALID: {
    meaning: "The settings file is missing, unreadable or wrong. A running agent goes on with the settings it had.",
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
  PUBLISH_REFUSED: {
    meaning: "The database would not have been published so, or it was not confirmed. CloudFormation was asked to make nothing.",
    advice: "The message says which value, subnet, route or security group is in the way, and what would be right.",
  },
  PUBLISH_FAILED: {
    meaning:
      "CloudFormation could not make or change the stack, and takes back what it began; the first reason is in the message.",
    advice:
      "Correct what the message names. A stack in ROLLBACK_COMPLETE must be deleted before it can be made again; the message has the command.",
  },
  PUBLISH_TIMEOUT: {
    meaning: "CloudFormation took longer than --timeout. It goes on by itself.",
    advice: "Run the same command again: it follows a stack that is still in motion.",
  },
  AWS_CREDENTIALS: {
    meaning: "There are no AWS credentials, AWS does not know them or they have expired, or no region is named.",
    advice:
      "AWS's ordinary chain is used: AWS_… variables, AWS_PROFILE, or the instance's profile. `aws sts get-caller-identity` shows whose they are.",
  },
  AWS_FORBIDDEN: {
    meaning: "The AWS credentials may not do what is needed; the message names the action. Nothing was changed by it.",
    advice:
      "`spacegate privatelink policy` prints an IAM policy with all that is needed, and no more: attach it to the role or user.",
  },
  AWS_THROTTLED: {
    meaning: "AWS limits how often this account may ask.",
    advice: "Nothing to do: the agent waits and asks again. If it lasts, see what else in the account asks so often.",
  },
  AWS_UNAVAILABLE: {
    meaning: "AWS's API did not answer, or not in time.",
    advice:
      "Check name resolution, proxy and network to the region's endpoints; https://health.aws.amazon.com tells of incidents.",
  },
  AWS_REFUSED: {
    meaning: "AWS refused a request; its own code and words are in the message.",
    advice: "Correct what AWS names and run the command again: it goes on where it stopped.",
  },
  LINK_ACCOUNT: {
    meaning: "Heroku does not let the AWS account, user or role that the agent runs as connect to the data service.",
    advice: "`spacegate privatelink access add` lets it in; the account's id is in the message.",
  },
  LINK_REGION: {
    meaning: "The service is in another region than the VPC, and an endpoint has to be in the same one.",
    advice: "Name a VPC of the service's region, or make the data service in a Private Space of the VPC's region.",
  },
  LINK_VPC: {
    meaning: "The VPC, or a subnet or route table named with it, is not there.",
    advice: "Check ids, region and credentials: ids are looked for in one region of one account.",
  },
  LINK_SERVICE: {
    meaning:
      "AWS shows this account no endpoint service of that name in the region: it does not exist, or does not let the account in.",
    advice: "Check the name; at Heroku `spacegate privatelink info` shows it, and whether the account is Active.",
  },
  LINK_TYPE: {
    meaning: "The service offers no endpoints of the wanted type: gateway endpoints are for S3 and DynamoDB only.",
    advice: "--type says which; the message names what the service offers.",
  },
  LINK_ZONE: {
    meaning:
      "A subnet is in an availability zone that the service is not in, or two subnets are in the same one. AWS would refuse the whole endpoint.",
    advice: "The message names zones by id, which mean the same in every account, and the VPC's subnets that would do.",
  },
  LINK_PRIVATE_DNS: {
    meaning: "Private DNS cannot work: the VPC's DNS attributes are off, or the service has no private DNS name.",
    advice: "Switch enableDnsSupport and enableDnsHostnames on in the VPC, or go without private DNS.",
  },
  LINK_POLICY: {
    meaning: "The endpoint policy is no policy, or the service takes none.",
    advice: "Correct the JSON, or leave the policy out: the security group says who may connect.",
  },
  LINK_FOREIGN: {
    meaning:
      "Somebody else has made an endpoint or a security group that is in the way or leads to the same service. It stays as it is.",
    advice: "Use that one, remove it, or rename the link: the agent never takes over what it did not make.",
  },
  LINK_LEFTOVER: {
    meaning: "An endpoint bears the link's tag and is not used any more: the link has moved, or was made twice by hand.",
    advice: "The agent deletes nothing by itself; remove it with the command that the message names.",
  },
  LINK_REJECTED: {
    meaning: "The service's provider has rejected the endpoint, also after it was available, or let its request expire.",
    advice: "Have the provider let the account in, then `spacegate privatelink disconnect` and connect again.",
  },
  LINK_FAILED: {
    meaning: "AWS could not make the endpoint, or not delete everything of it; its own words are in the message.",
    advice: "`spacegate privatelink disconnect`, then connect again; if it fails again, ask AWS's support.",
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
  SOURCE_DEST_CHECK_ON: {
    meaning: "EC2 checks source and destination of this instance's packets, so AWS drops whatever the gateway forwards.",
    advice: "Switch it off with the command that the message names, or let source_dest_check: disable do it.",
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

/** Stable codes: what went wrong, for people's searches and for scripts. */
export type ErrorCode = keyof typeof ERROR_CODES;
