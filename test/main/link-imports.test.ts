import { build, type Metafile } from "esbuild";
import { expect, it } from "vitest";

/** What a module of the bundle brings along at once; what it loads later by import() is not among it. */
const loadedWith = async (entry: string): Promise<readonly string[]> => {
  const { metafile } = await build({
    ...{ entryPoints: [entry], bundle: true, splitting: true, format: "esm", platform: "node", packages: "external" },
    ...{ write: false, metafile: true, outdir: "out", logLevel: "error" },
  });
  const chunkOf = (path: string): Metafile["outputs"][string] | undefined => metafile.outputs[path];
  const start = Object.keys(metafile.outputs).find((path) => chunkOf(path)?.entryPoint === entry) ?? "";
  const seen = new Set<string>();
  const follow = (path: string): string[] => {
    const chunk = chunkOf(path);
    if (!chunk || seen.has(path)) return [];
    seen.add(path);
    const statics = chunk.imports.filter(({ kind }) => kind === "import-statement");
    const packages = statics.flatMap((one) => (one.external ? [one.path] : []));
    return [...Object.keys(chunk.inputs), ...packages, ...statics.flatMap((one) => follow(one.path))];
  };
  return follow(start);
};

it("the daemon loads nothing of PrivateLink, and nothing of AWS's, before a link is declared", async () => {
  const loaded = await loadedWith("agent/main/run.ts");
  expect(loaded).toContain("agent/loop/gateway.ts");
  expect(loaded.filter((path) => path.startsWith("agent/privatelink/") || path.startsWith("@aws-sdk/"))).toEqual([]);
});

it("what looks after links loads AWS's clients only when it asks AWS", async () => {
  const loaded = await loadedWith("agent/main/links.ts");
  expect(loaded).toContain("agent/privatelink/loop/keeper.ts");
  expect(loaded.filter((path) => path.startsWith("@aws-sdk/"))).toEqual([]);
});
