// Debian's Chromium, driven by playwright-core: for tests and pictures.
import { chromium } from 'playwright-core';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Nothing but the page may use the network; as root there is no sandbox to be had. */
const args = [
  '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--no-first-run',
];

export const launch = () => chromium.launch({ executablePath, args });

/**
 * A page that keeps what must not happen: errors on the console, exceptions, dialogs, requests to elsewhere.
 * @returns {Promise<{ page: import('playwright-core').Page, wrong: string[], context: import('playwright-core').BrowserContext }>}
 */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on('console', (message) => message.type() === 'error' && wrong.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => wrong.push(`exception: ${error.message}`));
  page.on('dialog', (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const to = request.url();
    if (!to.startsWith(url) && !/^(data|blob|file):/.test(to)) wrong.push(`request: ${to}`);
  });
  return { page, wrong, context };
}

export const id = (page, name) => page.locator(`[data-testid="${name}"]`);

/** Asks for a run and waits for its end. */
export async function finished(url, request) {
  const ask = () => fetch(`${url}/api/v1/runs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) });
  const { id: run } = await (await ask()).json();
  await (await fetch(`${url}/api/v1/runs/${run}/events`)).text();
  const status = await (await fetch(`${url}/api/v1/runs/${run}`)).json();
  if (status.state !== 'done') throw new Error(`the run ended as ${status.state}: ${status.error?.message}`);
  return run;
}
