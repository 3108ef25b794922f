// Ten thousand requests from 64 clients: none may be lost, and memory must stay flat. `./x soak` runs it.
import http from 'node:http';
import { readFile } from 'node:fs/promises';
import { serve } from './server.mjs';

const REQUESTS = Number(process.argv[2] ?? 10_000);
const CLIENTS = 64;
/** Memory may grow by so much from the first quarter of the requests to the end, in MB. */
const GROWTH = 32;

const model = process.env.COERCIVITY_SOAK_MODEL;
const server = await serve({ model });
const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS });

/** @returns {Promise<{ status: number, body: string }>} */
function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body ? { 'content-type': 'application/json' } : {};
    const request = http.request(server.url + path, { method, headers, agent }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode, body: text }));
      answer.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Resident memory of the server in MB. */
async function memory() {
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
  return Number(status.match(/VmRSS:\s+(\d+)/)[1]) / 1024;
}

async function finished(request) {
  const { status, body } = await ask('POST', '/api/v1/runs', JSON.stringify(request));
  if (status >= 300) throw new Error(`${status}: ${body}`);
  const { id } = JSON.parse(body);
  // The stream of events ends with the run, and keeps it wanted until then.
  await ask('GET', `/api/v1/runs/${id}/events`);
  const { state } = JSON.parse((await ask('GET', `/api/v1/runs/${id}`)).body);
  if (state !== 'done') throw new Error(`the run ended as ${state}`);
  return id;
}

const known = JSON.parse((await ask('GET', '/api/v1/model')).body);
const request = { scenario: known.default_scenario, foresight: 'perfect', preview: true, edits: [] };
const id = await finished(request);
const same = JSON.stringify(request);
const kinds = [
  () => ask('GET', '/'),
  () => ask('GET', '/api/v1/model'),
  () => ask('GET', `/api/v1/runs/${id}`),
  () => ask('GET', `/api/v1/runs/${id}/view`),
  () => ask('GET', `/api/v1/runs/${id}/summary`),
  () => ask('GET', `/api/v1/runs/${id}/tables/demand.csv`),
  () => ask('POST', '/api/v1/runs', same),
  () => ask('GET', '/api/v1/data'),
];

let [sent, lost, early] = [0, 0, null];
async function client() {
  while (sent < REQUESTS) {
    const n = sent++;
    try {
      const { status, body } = await kinds[n % kinds.length]();
      if (status !== 200 || body.length === 0) throw new Error(`answer ${status}`);
    } catch (error) {
      lost += 1;
      console.error(`request ${n}: ${error.message}`);
    }
    if (n === REQUESTS / 4) early = await memory();
  }
}
const begin = performance.now();
await Promise.all(Array.from({ length: CLIENTS }, client));
const seconds = (performance.now() - begin) / 1000;
const late = await memory();
agent.destroy();
await server.stop();
console.log(
  `${REQUESTS} requests from ${CLIENTS} clients in ${seconds.toFixed(1)} s; ${lost} lost; ` +
    `memory ${early.toFixed(0)} MB after a quarter, ${late.toFixed(0)} MB at the end`,
);
if (lost > 0 || late - early > GROWTH) process.exit(1);
