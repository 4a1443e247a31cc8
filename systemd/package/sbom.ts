import * as z from "zod";
import { type Architecture, RUNTIME_VERSION } from "./architecture.ts";
import type { Bundled } from "./bundle.ts";
import { tool } from "./tools.ts";

const componentSchema = z.looseObject({ "bom-ref": z.string(), name: z.string(), version: z.string() });
const bomSchema = z.looseObject({
  metadata: z.looseObject({}),
  components: z.array(componentSchema),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

const runtimeComponent = ({ runtime, integrity }: Architecture) => ({
  "bom-ref": `${runtime}@${RUNTIME_VERSION}`,
  type: "platform",
  name: runtime,
  version: RUNTIME_VERSION,
  scope: "required",
  purl: `pkg:npm/${runtime}@${RUNTIME_VERSION}`,
  hashes: [{ alg: "SHA-512", content: Buffer.from(integrity.slice("sha512-".length), "base64").toString("hex") }],
  licenses: [{ license: { id: "MIT" } }],
});

/**
 * A CycloneDX document, `npm sbom`'s own, with what is in the package and nothing else: tools are left out (npm's --omit=dev would
 * also leave out what a tool needs and the agent, too), and Node comes in. Its time is `moment`, and it has no serial number, so that it is the same each time.
 */
export const sbomText = async (
  root: string,
  architecture: Architecture,
  bundled: readonly Bundled[],
  moment: Date,
): Promise<string> => {
  const text = await tool("npm", ["sbom", "--package-lock-only", "--sbom-format=cyclonedx"], { cwd: root });
  const { serialNumber: _, ...bom } = bomSchema.parse(JSON.parse(text));
  const inside = new Set(bundled.map(({ name, version }) => `${name}@${version}`));
  const components = bom.components.filter(({ name, version }) => inside.has(`${name}@${version}`));
  if (components.length !== inside.size) throw new Error("npm sbom does not name every package that is in the bundle");
  const refs = new Set(components.map((component) => component["bom-ref"]));
  const known = (ref: string) => refs.has(ref) || ref.startsWith("spacegate@");
  const document = {
    ...bom,
    metadata: { ...bom.metadata, timestamp: moment.toISOString() },
    components: [...components, runtimeComponent(architecture)],
    dependencies: bom.dependencies
      .filter(({ ref }) => known(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(known) })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
};
