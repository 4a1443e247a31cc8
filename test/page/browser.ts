import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

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

/** One tab with nothing in common with the others. */
export interface Tab {
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

/** A headless browser with a profile of its own, which goes when it is closed. */
export const launch = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, headless: true, args: ARGUMENTS });

export const openTab = async (browser: Browser, look: Look = {}): Promise<Tab> => {
  const { width = 1360, height = 900, dark = false, javaScript = true } = look;
  const context = await browser.newContext({
    ...{ viewport: { width, height }, javaScriptEnabled: javaScript },
    ...{ colorScheme: dark ? "dark" : "light", reducedMotion: "reduce" },
  });
  const page = await context.newPage();
  return { page, complaints: listenTo(page), close: () => context.close() };
};

/** Kept for people to look at; git ignores it. */
export const SCREENSHOTS = new URL("../../.lab/screenshots/", import.meta.url).pathname;

export const screenshot = async (page: Page, name: string): Promise<void> => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
};
