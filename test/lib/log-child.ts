/** Run as a child by logger.test.ts: logs its PSK in every way there is. */
import { createLog, terminal } from "../../agent/lib/logger.ts";
import { Redactor } from "../../agent/lib/redaction.ts";
import { Secret } from "../../agent/lib/secret.ts";

const psk = process.env.TEST_PSK ?? "";
const redactor = new Redactor();
redactor.add(new Secret(psk));
const log = createLog({ level: "debug", redactor, ...(process.argv[2] === "readable" ? { destination: await terminal() } : {}) });

log.info({}, `the PSK is ${psk}`);
log.warn({ psk, nested: { list: [psk] } }, "a field");
log.error({ err: new Error(`refused ${psk}`, { cause: new Error(`because of ${psk}`) }) }, "an error");
log.error({ error: Object.assign(new Error("plain"), { psk }) }, "an error under another name");
log.debug({ [psk]: "as a key" }, "a key");
log.child({ conn: psk }).info({ line: `${psk}\n${psk}` }, "a child");
log.info({ secret: new Secret(psk), base64: Buffer.from(psk).toString("base64") }, "a Secret");
log.info({ step: "initiate" }, "the end");
