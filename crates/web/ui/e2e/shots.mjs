// Pictures of every page at two widths in both themes, on the reference model: node shots.mjs FOLDER.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished, id, launch, open } from './browser.mjs';
import { ensemble, example, plan, serve } from './server.mjs';

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
const own = await mkdtemp(join(tmpdir(), 'coercivity-shots-'));
plan(join(own, 'thirty'));
const truce = await serve({ model: example, ensembles: [ensemble(join(own, 'truce'))], plans: [join(own, 'thirty')] });
const futures = { futures: 'futures', need: 'futures?need=motors&by=2027-04-01', mitigation: 'mitigation', budget: 'mitigation?budget=20000000' };
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
    const all = [...Object.entries(views).map((view) => [server.url, ...view]), ...Object.entries(futures).map((view) => [truce.url, ...view])];
    for (const [url, name, address] of all) {
      await page.goto(`${url}/#/${address}`);
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
await truce.stop();
await rm(own, { recursive: true, force: true });
