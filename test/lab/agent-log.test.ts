import { describe, expect, it } from "vitest";
import { parseAgentLog } from "./agent-log.ts";

const OUTPUT = `(node:7) ExperimentalWarning: something of Node's
{"level":"info","step":"write-file","msg":"write /etc/ipsec.conf"}
{"level":"info","msg":"charon answers"}
`;

describe("the agent's log", () => {
  it("is read line by line, without what is not the agent's", () => {
    expect(parseAgentLog(OUTPUT).map(({ msg, step }) => ({ msg, step }))).toEqual([
      { msg: "write /etc/ipsec.conf", step: "write-file" },
      { msg: "charon answers", step: undefined },
    ]);
  });

  it("is empty before the agent has said anything", () => {
    expect(parseAgentLog("")).toEqual([]);
  });
});
