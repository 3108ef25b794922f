// Starts the real program for tests, pictures and the soak, on a free port and with a cache of its own.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The program, as `./x` built it. */
export const binary = process.env.COERCIVITY ?? new URL('../../../../target/release/coercivity', import.meta.url).pathname;

/** A small model with a spec of an ensemble, which takes seconds. */
export const example = new URL('../../../../examples/truce', import.meta.url).pathname;

/** Makes an ensemble, of the example unless told otherwise. */
export function ensemble(folder, spec = join(example, 'ensemble.toml'), model = example) {
  execFileSync(binary, ['ensemble', spec, '--model', model, '--out', folder], { stdio: ['ignore', 'ignore', 'pipe'] });
  return folder;
}

/** Writes what a plan of the example finds, and gives it back as it is printed. */
export function plan(folder, spec = join(example, 'plan.toml')) {
  const run = (...args) => execFileSync(binary, ['plan', spec, '--frontier', '--values', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  run('--out', folder);
  return JSON.parse(run('--json'));
}

/** Two sides with two levers each, and a bystander. */
export const talks = new URL('../../../../examples/bargain', import.meta.url).pathname;

/** Writes what a bargain comes to, and gives it back as it is printed; runs are kept beside it. */
export function bargain(folder, spec = join(talks, 'bargain.toml')) {
  const run = (...args) => execFileSync(binary, ['bargain', spec, '--cache', `${folder}-runs`, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  run('--out', folder);
  return JSON.parse(run('--json'));
}

/**
 * @param {{ model?: string, cache?: string, ensembles?: string[], plans?: string[], bargains?: string[] }} options `cache` outlives the server if it is given
 * @returns {Promise<{ url: string, pid: number, log: () => string, stop: () => Promise<void> }>}
 */
export async function serve({ model, cache, ensembles = [], plans = [], bargains = [] } = {}) {
  const own = cache ? null : await mkdtemp(join(tmpdir(), 'coercivity-page-'));
  const args = ['serve', ...(model ? [model] : []), '--port', '0', '--cache', cache ?? own, ...ensembles.flatMap((folder) => ['--ensemble', folder]), ...plans.flatMap((folder) => ['--plan', folder]), ...bargains.flatMap((folder) => ['--bargain', folder])];
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const gone = new Promise((resolve) => child.once('close', resolve));
  const url = await new Promise((resolve, reject) => {
    const listen = (chunk) => {
      said += chunk;
      const found = said.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found) resolve(found[0]);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('close', (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
  return {
    url,
    pid: child.pid,
    log: () => said,
    stop: async () => {
      child.kill('SIGINT');
      await gone;
      if (own) await rm(own, { recursive: true, force: true });
    },
  };
}
