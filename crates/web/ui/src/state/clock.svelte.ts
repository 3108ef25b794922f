// The time shown, in steps of the calendar shown; between two whole steps only while it plays.
import { monthOf, stepOfMonth } from '../core/time'
import type { Calendar } from '../core/contract'
import { address } from './address.svelte'

let t = $state(0)
let last = $state(0)
let playing = $state(false)
let calendar: Calendar | null = null
let writing = 0
let frame = 0

const calm = matchMedia('(prefers-reduced-motion: reduce)')
const msPerStep = 300

export const clock = {
  get t() {
    return t
  },
  get step() {
    return Math.round(t)
  },
  get playing() {
    return playing
  },

  /** Takes over a calendar: the month of the address in it, else `start`. */
  use(next: Calendar, start: number): void {
    // What was chosen a moment ago is not in the address yet.
    const month = writing && calendar ? monthOf(calendar.days[Math.round(t)]) : address.now.t
    calendar = next
    last = next.days.length - 1
    if (!month) t = start
    else if (monthOf(next.days[Math.round(t)] ?? '') !== month) t = stepOfMonth(next, month)
  },

  go(step: number): void {
    clock.pause()
    move(step)
  },

  pause(): void {
    if (!playing) return
    playing = false
    cancelAnimationFrame(frame)
    move(Math.round(t))
  },

  toggle(): void {
    if (playing) return clock.pause()
    if (t > last - 1) t = 0
    playing = true
    let before = performance.now()
    let due = 0
    const step = (now: number) => {
      due += (now - before) / msPerStep
      before = now
      // Who wants less motion sees month after month, without what lies between.
      const ahead = calm.matches ? (due >= 2 ? 1 : 0) : due
      if (ahead) due = 0
      if (t + ahead >= last) {
        playing = false
        return move(last)
      }
      if (ahead) move(t + ahead)
      frame = requestAnimationFrame(step)
    }
    frame = requestAnimationFrame(step)
  },
}

function move(to: number): void {
  t = Math.max(0, Math.min(last, to))
  clearTimeout(writing)
  writing = window.setTimeout(write, 150)
}

function write(): void {
  writing = 0
  if (calendar) address.replace({ t: monthOf(calendar.days[Math.round(t)]) })
}
