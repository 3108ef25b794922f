// The figures of the model: asked once, when the page Data is first seen; in a report they are inside.
import type { Data, Problem } from '../core/contract'
import { getJson, problemOf } from '../state/api'
import { inReport, reportData } from '../state/report'

let value = $state.raw<Data | null>(null)
let error = $state.raw<Problem | null>(null)
let asked = false

export const figures = {
  get value() {
    return value
  },
  get error() {
    return error
  },
  async load() {
    if (asked) return
    asked = true
    error = null
    try {
      value = inReport ? await reportData() : await getJson<Data>('data')
      if (!value) error = { code: 'no-data', message: 'This report was saved without the figures of its model.' }
    } catch (reason) {
      error = problemOf(reason)
      asked = false
    }
  },
}
