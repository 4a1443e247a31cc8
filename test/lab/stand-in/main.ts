import { parseArgs } from "node:util";
import { startPlatformApi } from "./platform-api.ts";

const { values } = parseArgs({ options: { port: { type: "string", default: "0" }, state: { type: "string" } } });

if (values.state === undefined || !/^\d+$/.test(values.port)) {
  console.error("usage: main.ts [--port N] --state FILE");
  process.exit(2);
}

const api = await startPlatformApi({ port: Number(values.port), statePath: values.state, log: (line) => console.error(line) });
// The first line on stdout is the address, for whoever started this with port 0.
console.log(api.url);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void api.close());
