// One run of the server as state. Equal requests share one; a run that nobody wants closes its stream, and the server
// then cancels it.
import type { Problem, RunRequest, Status, View } from '../core/contract'
import { runKey } from '../core/edits'
import { apiAddress, forget, getJson, postJson, problemOf } from './api'
import { inReport, reportView } from './report'

// A browser opens six connections to one server: some must be left for what is no stream.
const mostStreams = 4
const mostKept = 8

let streams = 0
const waiting: (() => void)[] = []

function leaveStream(): void {
  streams--
  waiting.shift()?.()
}

async function enterStream(): Promise<void> {
  while (streams >= mostStreams) await new Promise<void>((resolve) => waiting.push(resolve))
  streams++
}

export class Run {
  view = $state.raw<View | null>(null)
  status = $state.raw<Status | null>(null)
  error = $state.raw<Problem | null>(null)
  #wanted = 0
  // What an earlier start still brings is of no interest.
  #turn = 0
  #stream: EventSource | null = null

  constructor(readonly request: RunRequest) {}

  get id(): string | null {
    return this.status?.id ?? null
  }

  get wanted(): boolean {
    return this.#wanted > 0
  }

  want(): void {
    if (this.#wanted++ === 0 && !this.view) void this.#start()
  }

  drop(): void {
    if (--this.#wanted === 0) this.#stop()
  }

  retry(): void {
    this.#stop()
    void this.#start()
  }

  cancel(): void {
    this.#stop()
    if (!this.status) return
    forget(`runs/${this.status.id}`)
    this.status = { ...this.status, state: 'cancelled' }
  }

  #stop(): void {
    this.#turn++
    this.#closeStream()
  }

  #closeStream(): void {
    if (!this.#stream) return
    this.#stream.close()
    this.#stream = null
    leaveStream()
  }

  async #start(): Promise<void> {
    const turn = ++this.#turn
    this.error = null
    this.status = null
    try {
      if (inReport) {
        this.view = await reportView(this.request.scenario === null ? 'ghost' : 'main')
        return
      }
      const status = await postJson<Status>('runs', this.request)
      if (turn === this.#turn) await this.#settle(status, turn)
    } catch (reason) {
      if (turn === this.#turn) this.error = problemOf(reason)
    }
  }

  async #settle(status: Status, turn: number): Promise<void> {
    this.status = status
    if (status.state === 'queued' || status.state === 'running') {
      if (!this.#stream) await this.#listen(status.id, turn)
      return
    }
    this.#closeStream()
    if (status.state === 'failed') this.error = status.error ?? { code: 'run', message: 'The run failed.' }
    if (status.state !== 'done') return
    const view = await getJson<View>(`runs/${status.id}/view`)
    if (turn === this.#turn) this.view = view
  }

  async #listen(id: string, turn: number): Promise<void> {
    await enterStream()
    if (turn !== this.#turn) return leaveStream()
    const stream = new EventSource(apiAddress(`runs/${id}/events`))
    this.#stream = stream
    const fail = (reason: unknown) => {
      if (turn !== this.#turn) return
      this.#closeStream()
      this.error = problemOf(reason)
    }
    stream.onmessage = (event) => {
      if (turn === this.#turn) this.#settle(JSON.parse(event.data), turn).catch(fail)
    }
    stream.onerror = () => {
      if (turn !== this.#turn || this.#stream !== stream) return
      // The end may have been missed, or the server may be gone: its answer tells which.
      this.#closeStream()
      setTimeout(() => {
        if (turn !== this.#turn) return
        getJson<Status>(`runs/${id}`)
          .then((status) => (turn === this.#turn ? this.#settle(status, turn) : undefined))
          .catch(fail)
      }, 500)
    }
  }
}

const runs = new Map<string, Run>()

/** The run of a request, shared by all who ask the same. */
export function runOf(request: RunRequest): Run {
  const key = runKey(request)
  const run = runs.get(key) ?? new Run(request)
  // The latest is last, so that the first that nobody wants is the one to give up.
  runs.delete(key)
  runs.set(key, run)
  for (const [name, one] of runs) {
    if (runs.size <= mostKept) break
    if (!one.wanted && one !== run) runs.delete(name)
  }
  return run
}
