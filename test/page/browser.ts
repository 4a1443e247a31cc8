import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";

/** Debian's. */
const CHROMIUM = "/usr/bin/chromium";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  readonly javaScript?: boolean;
}

/** A headless browser that has never been used before. */
export interface Browser {
  readonly page: Page;
  /** Everything that the page complained of. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

const listenTo = (page: Page): string[] => {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  return complaints;
};

export const openBrowser = async ({
  width = 1360,
  height = 900,
  dark = false,
  javaScript = true,
}: Look = {}): Promise<Browser> => {
  const profile = mkdtempSync(join(tmpdir(), "spacegate-browser-"));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    ...{ executablePath: CHROMIUM, headless: true, args: ARGUMENTS, viewport: { width, height }, javaScriptEnabled: javaScript },
    ...{ colorScheme: dark ? "dark" : "light", reducedMotion: "reduce" },
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const close = async (): Promise<void> => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { page, complaints: listenTo(page), close };
};

/** Kept for people to look at; git ignores it. */
export const SCREENSHOTS = new URL("../../.lab/screenshots/", import.meta.url).pathname;

export const screenshot = async (page: Page, name: string, directory = SCREENSHOTS): Promise<void> => {
  mkdirSync(directory, { recursive: true });
  await page.screenshot({ path: join(directory, `${name}.png`), fullPage: true });
};
