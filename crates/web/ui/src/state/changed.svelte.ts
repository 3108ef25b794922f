// A run and what it becomes when something is changed: each as a preview and in full, compared like with like.
import type { Problem, RunRequest, View } from '../core/contract'
import { wantRun } from './runs.svelte'

export interface Pair { before: View; after: View }

/** Full runs; `changed` is null where nothing is. */
export interface Asked { base: RunRequest; changed: RunRequest | null }

/** To be called while a component is set up. `unsettled` says that what is asked is about to change. */
export function changedRuns(asked: () => Asked | null, unsettled: () => boolean = () => false) {
  const now = $derived(asked())
  const changed = $derived(now?.changed ?? null)
  const previewOf = (request: RunRequest): RunRequest => ({ ...request, foresight: 'perfect', preview: true })

  // In this order they reach the server: what answers first is asked first.
  const preview = wantRun(() => changed && previewOf(changed), false)
  const basePreview = wantRun(() => (changed && now ? previewOf(now.base) : null), false)
  const full = wantRun(() => changed ?? now?.base ?? null, false)
  const base = wantRun(() => (changed && now ? now.base : null), false)

  const pairOf = (before: View | null, after: View | null): Pair | null => (before && after ? { before, after } : null)
  const pair = $derived(changed ? (pairOf(base.view, full.view) ?? pairOf(basePreview.view, preview.view)) : null)

  // Until there is a new pair the one before it stays, and says that it is stale.
  let kept = $state.raw<Pair | null>(null)
  $effect(() => {
    if (pair || !changed) kept = pair
  })

  return {
    full,
    get pair(): Pair | null {
      return changed ? (pair ?? kept) : null
    },
    get stale(): boolean {
      return unsettled() || !pair
    },
    /** The run is asked, and its full result is not there. */
    get waiting(): boolean {
      return changed !== null && (!full.view || !base.view) && !full.error && !base.error
    },
    /** The run whose progress counts: the changed one, then the other. */
    get slowest() {
      return full.view ? base : full
    },
    get error(): Problem | null {
      return full.error ?? base.error ?? (pair ? null : preview.error)
    },
    retry(): void {
      for (const run of [preview, basePreview, full, base]) if (run.error) run.retry()
    },
    cancel(): void {
      for (const run of [preview, full, base]) if (!run.view) run.cancel()
    },
    again(): void {
      for (const run of [preview, full, base]) if (!run.view) run.retry()
    },
  }
}
