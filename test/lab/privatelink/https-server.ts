/* `https-server.ts CERTIFICATE KEY`: answers on port 443 as AWS's services answer to what is not signed. */
import { readFileSync } from "node:fs";
import { createServer } from "node:https";

const [, , certificate = "", key = ""] = process.argv;

createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (_request, response) =>
  response.writeHead(403, { "content-type": "application/json" }).end('{"message":"Missing Authentication Token"}'),
).listen(443, "0.0.0.0", () => console.log("listening"));
