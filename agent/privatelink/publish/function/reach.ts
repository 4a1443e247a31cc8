import { connect } from "node:net";

/** Whether a TCP connection to the address opens. */
export type Reach = (address: string) => Promise<boolean>;

const PATIENCE_MS = 2000;

export const reachOn =
  (port: number): Reach =>
  (address) =>
    new Promise((resolve) => {
      const socket = connect({ host: address, port, timeout: PATIENCE_MS });
      const end = (reached: boolean) => {
        socket.destroy();
        resolve(reached);
      };
      socket.once("connect", () => end(true));
      socket.once("timeout", () => end(false));
      socket.once("error", () => end(false));
    });
