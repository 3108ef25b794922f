// What a part of the page wants to see: the full run, until it is there its quarterly preview, and until then what was
// shown before, marked as stale.
import { untrack } from 'svelte'
import type { Problem, RunRequest, Status, View } from '../core/contract'
import { runOf, type Run } from './run.svelte'

export class Wanted {
  #run = $state.raw<Run | null>(null)
  #preview = $state.raw<Run | null>(null)
  #before = $state.raw<View | null>(null)

  /** The full run. */
  get view(): View | null {
    return this.#run?.view ?? null
  }
  /** The quarterly preview, as long as the full run is not there. */
  get preview(): View | null {
    return this.view ? null : (this.#preview?.view ?? null)
  }
  /** What to draw. */
  get shown(): View | null {
    return this.view ?? this.preview ?? this.#before
  }
  /** What is drawn belongs to an earlier request. */
  get stale(): boolean {
    return this.#before !== null && !this.view && !this.preview
  }
  get status(): Status | null {
    return this.#run?.status ?? null
  }
  get error(): Problem | null {
    return this.#run?.error ?? null
  }
  get id(): string | null {
    return this.#run?.id ?? null
  }

  cancel(): void {
    this.#run?.cancel()
  }

  retry(): void {
    this.#run?.retry()
  }

  /** Takes a request up; gives back what lets it go. */
  take(request: RunRequest): () => void {
    this.#before = this.shown
    const run = runOf(request)
    this.#run = run
    this.#preview = null
    run.want()
    return () => run.drop()
  }

  takePreview(request: RunRequest): () => void {
    const run = runOf({ ...request, foresight: 'perfect', preview: true })
    this.#preview = run
    run.want()
    return () => run.drop()
  }
}

/** To be called while a component is set up; `request` may read state, null wants nothing. */
export function wantRun(request: () => RunRequest | null, withPreview = true): Wanted {
  const wanted = new Wanted()
  // Compared as text, so that an equal request is not taken up anew.
  const text = $derived(JSON.stringify(request()))
  $effect(() => {
    const asked = JSON.parse(text) as RunRequest | null
    return asked ? untrack(() => wanted.take(asked)) : undefined
  })
  const working = $derived(wanted.status?.state === 'queued' || wanted.status?.state === 'running')
  const previews = $derived(withPreview && working)
  $effect(() => {
    const asked = JSON.parse(text) as RunRequest | null
    return asked && previews ? untrack(() => wanted.takePreview(asked)) : undefined
  })
  return wanted
}
