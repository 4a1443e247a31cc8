import { describe, expect, it } from "vitest";
import {
  type CharonDeps,
  type ConnTable,
  checkProposals,
  rereadSecrets,
  startCharon,
  updateConns,
} from "../../agent/apply/charon.ts";
import { SpacegateError } from "../../agent/lib/errors.ts";
import type { ObservedConn } from "../../agent/model/observed.ts";
import { failureOf, held, ManualClock, PSK, recordingCommands, refused, tunnel } from "./support.ts";

const unreachable = () => new SpacegateError("VICI_UNREACHABLE", "charon's socket refused the connection", { fix: "start it" });

interface Charon {
  /** What charon holds at the nth look, counted from 0; an error is thrown. */
  readonly conns?: (look: number) => readonly ObservedConn[] | SpacegateError;
  readonly lines?: readonly string[];
  readonly load?: () => void;
  readonly unload?: () => void;
  readonly command?: (line: string) => { exitCode: number; output: string };
}

const charon = ({ conns = () => [], lines = [], load, unload, command }: Charon) => {
  const clock = new ManualClock();
  const { commands, lines: ran } = recordingCommands(command);
  const loaded: object[] = [];
  let looks = 0;
  const table: ConnTable = {
    listConns: async () => {
      const found = conns(looks);
      looks += 1;
      if (found instanceof Error) throw found;
      return found;
    },
    loadConn: async (name, conn) => {
      loaded.push({ [name]: conn });
      load?.();
    },
    unloadConn: async (name) => {
      loaded.push({ unload: name });
      unload?.();
    },
  };
  const deps: CharonDeps = { commands, conns: table, clock, linesSince: () => lines };
  return { deps, ran, loaded, clock, looks: () => looks };
};

const FIRST = tunnel();
const SECOND = tunnel({ conn: "sg-acme-space-office-2", index: 2, remote: "34.227.70.143" });

describe("updateConns", () => {
  it("is done when charon holds everything that was rendered", async () => {
    const { deps, ran, looks } = charon({ conns: () => [held(FIRST), held(SECOND)] });
    await updateConns(deps, [FIRST, SECOND]);
    expect([ran, looks()]).toEqual([["ipsec update"], 1]);
  });

  it("waits for starter, which only then tells charon", async () => {
    const { deps, looks } = charon({ conns: (look) => (look < 10 ? [held(FIRST)] : [held(FIRST), held(SECOND)]) });
    await updateConns(deps, [FIRST, SECOND]);
    expect(looks()).toBe(11);
  });

  it("fails with the conn that charon dropped, and charon's own words about it", async () => {
    const lines = [
      "received stroke: add connection 'sg-acme-space-office-2'",
      "algorithm 'sha2' not recognized",
      "skipped invalid proposal string: aes256-sha2-modp2048",
    ];
    const { deps, clock } = charon({ conns: () => [held(FIRST)], lines });
    const error = await failureOf(() => updateConns(deps, [FIRST, SECOND]));
    expect(error.code).toBe("CONN_DROPPED");
    expect(error.message).toBe(
      "charon did not take what was rendered. sg-acme-space-office-2: charon does not hold it | " +
        "algorithm 'sha2' not recognized | skipped invalid proposal string: aes256-sha2-modp2048",
    );
    expect(clock.ms).toBeLessThan(7000);
  });

  it.each([
    ["another remote address", held(FIRST, { remoteAddrs: ["192.0.2.1"] }), "charon has the remote address 192.0.2.1"],
    ["another local address", held(FIRST, { localAddrs: ["%any"] }), "charon has the local address %any"],
    ["another IKE version", held(FIRST, { version: 2 }), "charon has it as IKEv2"],
    ["no CHILD_SA", held(FIRST, { children: new Map() }), "charon holds it without its CHILD_SA"],
    [
      "wider selectors",
      held(FIRST, { children: new Map([[FIRST.conn, { localTs: ["0.0.0.0/0"], remoteTs: [FIRST.remoteTs] }]]) }),
      "charon has the local traffic selector 0.0.0.0/0",
    ],
  ])("does not take %s for what was rendered", async (_what, conn, words) => {
    const { deps } = charon({ conns: () => [conn] });
    expect((await failureOf(() => updateConns(deps, [FIRST]))).message).toContain(words);
  });

  it("says that charon cannot be asked instead of blaming the conns", async () => {
    const { deps } = charon({ conns: unreachable });
    expect((await failureOf(() => updateConns(deps, [FIRST]))).code).toBe("VICI_UNREACHABLE");
  });

  it("passes on what is wrong with the command: strongSwan stopped", async () => {
    const { deps, looks } = charon({ command: () => ({ exitCode: 7, output: "" }) });
    const error = await failureOf(() => updateConns(deps, [FIRST]));
    expect([error.code, error.fix, looks()]).toEqual(["COMMAND_FAILED", expect.stringContaining("systemctl start"), 0]);
  });
});

describe("startCharon", () => {
  it("waits while charon cannot be asked yet", async () => {
    const { deps, ran } = charon({ conns: (look) => (look < 50 ? unreachable() : [held(FIRST)]) });
    await startCharon(deps, [FIRST]);
    expect(ran).toEqual(["ipsec start"]);
  });

  it("gives up on one that never can", async () => {
    const { deps, clock } = charon({ conns: unreachable });
    expect((await failureOf(() => startCharon(deps, [FIRST]))).code).toBe("VICI_UNREACHABLE");
    expect(clock.ms).toBeLessThan(12_000);
  });

  it("ends a starter that keeps no charon, so that the next start is a real one", async () => {
    const { deps, ran } = charon({ conns: unreachable });
    await failureOf(() => startCharon(deps, [FIRST]));
    expect(ran).toEqual(["ipsec start", "ipsec stop"]);
  });

  it("leaves a charon alone that runs and does not take a conn", async () => {
    const { deps, ran } = charon({ conns: () => [] });
    expect((await failureOf(() => startCharon(deps, [FIRST]))).code).toBe("CONN_DROPPED");
    expect(ran).toEqual(["ipsec start"]);
  });
});

describe("rereadSecrets", () => {
  it("is done when charon has no complaint", async () => {
    const lines = [
      "rereading secrets",
      "loading secrets from '/etc/ipsec.secrets'",
      "  loaded IKE secret for 203.0.113.10 34.203.187.158",
    ];
    const { deps, ran } = charon({ lines });
    await rereadSecrets(deps);
    expect(ran).toEqual(["ipsec rereadsecrets"]);
  });

  it.each([
    "line 3: missing ' : ' separator",
    "line 12: token must be either RSA, ECDSA, BLISS, PKCS8 P12, PIN, PSK, EAP, XAUTH, or NTLM",
    "opening secrets file '/etc/ipsec.secrets' failed: Permission denied",
  ])("fails with charon's words: %s", async (line) => {
    const { deps } = charon({ lines: ["rereading secrets", line] });
    const error = await failureOf(() => rereadSecrets(deps));
    expect([error.code, error.message]).toEqual(["CONN_DROPPED", `charon could not read ipsec.secrets: ${line}`]);
  });
});

describe("checkProposals", () => {
  it("has charon take the proposals in a conn of its own, and takes that away again", async () => {
    const { deps, loaded } = charon({});
    await checkProposals(deps, FIRST);
    expect(loaded).toEqual([
      {
        "spacegate-proposal-check": {
          version: "1",
          remote_addrs: ["192.0.2.1"],
          proposals: ["aes256-sha256-modp2048"],
          children: { check: { esp_proposals: ["aes256-sha256-modp2048"] } },
        },
      },
      { unload: "spacegate-proposal-check" },
    ]);
    expect(JSON.stringify(loaded)).not.toContain(PSK);
  });

  it("names what charon refuses, and where it is set", async () => {
    const load = () => {
      throw refused("invalid value for: proposals, config discarded");
    };
    const error = await failureOf(() => checkProposals(charon({ load }).deps, tunnel({ ikeProposal: "aes256-sha2-modp2048" })));
    expect(error.code).toBe("CONFIG_REJECTED");
    expect(error.message).toBe(
      "charon does not take the proposals ike=aes256-sha2-modp2048, esp=aes256-sha256-modp2048: invalid value for: proposals, config discarded",
    );
    expect(error.fix).toContain("connections[].proposals");
  });

  it("does not blame the proposals for a charon that is away", async () => {
    const load = () => {
      throw unreachable();
    };
    expect((await failureOf(() => checkProposals(charon({ load }).deps, FIRST))).code).toBe("VICI_UNREACHABLE");
  });

  it("does not blame proposals that charon took for a check conn that somebody else removed", async () => {
    const unload = () => {
      throw refused("unload: connection 'spacegate-proposal-check' not found");
    };
    await checkProposals(charon({ unload }).deps, FIRST);
  });
});
