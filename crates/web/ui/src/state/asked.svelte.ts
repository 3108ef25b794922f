// What ensembles, plans and bargains say. The server keeps answers, so that here only the last stays, until there is the next.
import { untrack } from 'svelte'
import type { EnsembleAbout, FoundAbout, Futures, Problem } from '../core/contract'
import { getJson, problemOf } from './api'

/** An answer of the server, asked again when the path changes; without a path nothing is asked. To be called while a component is set up. */
export function asked<T>(path: () => string | null) {
  let value = $state.raw<T | null>(null)
  let error = $state.raw<Problem | null>(null)
  let waiting = $state(false)
  let turn = 0

  async function ask(to: string | null) {
    const mine = ++turn
    error = null
    waiting = to !== null
    if (to === null) return
    try {
      const answer = await getJson<T>(to)
      if (mine === turn) value = answer
    } catch (reason) {
      if (mine === turn) error = problemOf(reason)
    }
    if (mine === turn) waiting = false
  }

  $effect(() => {
    const to = path()
    void untrack(() => ask(to))
    return () => turn++
  })

  return {
    get value(): T | null {
      return value
    },
    get error(): Problem | null {
      return error
    },
    get waiting(): boolean {
      return waiting
    },
    retry(): void {
      void ask(path())
    },
  }
}

export const askEnsembles = () => asked<{ ensembles: EnsembleAbout[] }>(() => 'ensembles')

/** The answer to a question; an empty need means all, an empty day at any time. */
export function askFutures(question: () => { ensemble: string; need: string; by: string } | null) {
  return asked<Futures>(() => {
    const now = question()
    if (!now) return null
    const query = [['demand', now.need], ['by', now.by]].filter(([, value]) => value).map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    return `ensembles/${encodeURIComponent(now.ensemble)}/summary${query.length ? '?' : ''}${query.join('&')}`
  })
}

/** What the server was started with of plans or bargains, and what the one of an id found. */
export const askList = (kind: 'plans' | 'bargains') => asked<Record<string, FoundAbout[]>>(() => kind)

export const askFound = <T>(kind: 'plans' | 'bargains', id: () => string | null) =>
  asked<T>(() => {
    const now = id()
    return now === null ? null : `${kind}/${encodeURIComponent(now)}`
  })
