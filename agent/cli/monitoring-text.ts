interface ShownFile {
  readonly path: string;
  readonly change: string;
}

/** What was written, and how to have it checked. */
export const monitoringText = (files: readonly ShownFile[]): string => {
  const pathOf = (name: string): string => files.find(({ path }) => path.endsWith(name))?.path ?? name;
  return [
    ...files.map(({ path, change }) => `${change.padEnd(9)}  ${path}`),
    "",
    "To check them:",
    `  promtool check config ${pathOf("/prometheus.yml")}`,
    `  promtool test rules ${pathOf("/spacegate.rules.test.yml")}`,
  ].join("\n");
};
