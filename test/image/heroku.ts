import { connect, createServer } from "node:net";
import { Heroku } from "../lab/heroku.ts";
import { MANAGEMENT } from "./networks.ts";
import { HEROKU_PORT } from "./seed.ts";

/** Hands connections from the machine on to the stand-in, which listens on this side's loopback alone. */
const forward = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = createServer((near) => {
      const far = connect(HEROKU_PORT, "127.0.0.1");
      // Either end's error ends both.
      near.on("error", () => far.destroy()).on("close", () => far.destroy());
      far.on("error", () => near.destroy()).on("close", () => near.destroy());
      near.pipe(far).pipe(near);
    });
    server.once("error", reject).listen(HEROKU_PORT, MANAGEMENT.host, resolve);
  });

/** The stand-in for Heroku, which the machine reaches too, and which runs from the first start on: scenarios start it again. */
export class ReachableHeroku extends Heroku {
  #started: Promise<void> | undefined;

  override start(): Promise<void> {
    this.#started ??= super.start().then(forward);
    return this.#started;
  }
}
