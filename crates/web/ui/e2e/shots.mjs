// Pictures of every page at two widths in both themes, on the reference model: node shots.mjs FOLDER.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { finished, id, launch, open } from './browser.mjs';
import { serve } from './server.mjs';

const folder = process.argv[2];
const perfect = 's=truce-lapses&f=perfect';
const views = {
  overview: `overview?${perfect}&t=2027-03`,
  trace: `overview?${perfect}&t=2027-03&trace=USA-military`,
  policies: `policies?${perfect}&d=busan:until=2027-05-10`,
  chokepoints: `chokepoints?${perfect}`,
  lost: `chokepoints?${perfect}&t=2027-03&node=CHN:oxide`,
  compare: `compare?${perfect}&c=truce-lapses,truce-extended`,
  data: `data?${perfect}`,
};

await mkdir(folder, { recursive: true });
const server = await serve();
const browser = await launch();
const runs = [
  { scenario: 'truce-lapses' },
  { scenario: null },
  { scenario: 'truce-extended' },
  { scenario: 'truce-lapses', without: 'CHN:oxide' },
  { scenario: 'truce-lapses', edits: [{ id: 'busan', set: { until: '2027-05-10' } }] },
];
for (const run of runs) await finished(server.url, { foresight: 'perfect', edits: [], ...run });
for (const width of [1440, 390]) {
  for (const colorScheme of ['light', 'dark']) {
    const { page, context } = await open(browser, server.url, { viewport: { width, height: 900 }, colorScheme });
    for (const [name, address] of Object.entries(views)) {
      await page.goto(`${server.url}/#/${address}`);
      await page.reload();
      await page.locator('main h1').first().waitFor();
      await page.waitForLoadState('networkidle');
      await id(page, 'progress').first().waitFor({ state: 'detached' });
      const path = join(folder, `${name}-${width}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: true });
      console.log(path);
    }
    await context.close();
  }
}
await browser.close();
await server.stop();
