// Requests to the server that serves this page. What goes wrong comes out as one shape, with a remedy.
import type { Problem } from '../core/contract'

const base = 'api/v1/'

/** Where a file of the API is, for links and streams. */
export function apiAddress(path: string): string {
  return base + path
}

export class Failure extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message)
  }
}

export function problemOf(error: unknown): Problem {
  if (error instanceof Failure) return error.problem
  return { code: 'page', message: error instanceof Error ? error.message : String(error) }
}

async function ask(method: string, path: string, body?: unknown): Promise<Response> {
  let response: Response
  try {
    response = await fetch(base + path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    })
  } catch {
    throw new Failure({
      code: 'unreachable',
      message: 'The server does not answer.',
      help: 'Look whether `coercivity serve` still runs, then try again.',
    })
  }
  if (response.ok) return response
  const said = await response.json().catch(() => null)
  throw new Failure(said?.error ?? { code: String(response.status), message: `The server answered ${response.status}.` })
}

export async function getJson<T>(path: string): Promise<T> {
  return (await ask('GET', path)).json()
}

export async function postJson<T>(path: string, body: unknown): Promise<T> {
  return (await ask('POST', path, body)).json()
}

/** Says that nobody here wants a run any more; that it may be gone already does not matter. */
export function forget(path: string): void {
  ask('DELETE', path).catch(() => {})
}
