// The one tooltip of the page: what is pointed at or focused says what to show, line by line; the first line is bold.
interface Tip { lines: string[]; x: number; y: number }

let tip = $state.raw<Tip | null>(null)

export function currentTip(): Tip | null {
  return tip
}

export function showTip(lines: string[], x: number, y: number): void {
  tip = { lines, x, y }
}

export function hideTip(): void {
  tip = null
}

/** An attachment: `lines` is asked each time, so that it may read what the slider just set. */
export function tipped(lines: () => string[]) {
  return (element: Element) => {
    const move = (event: Event) => showTip(lines(), (event as PointerEvent).clientX, (event as PointerEvent).clientY)
    const focus = () => {
      if (!element.matches(':focus-visible')) return
      const box = element.getBoundingClientRect()
      showTip(lines(), box.right, box.top)
    }
    const events: [string, (event: Event) => void][] = [
      ['pointermove', move], ['pointerleave', hideTip], ['focus', focus], ['blur', hideTip],
    ]
    for (const [name, listener] of events) element.addEventListener(name, listener)
    return () => {
      for (const [name, listener] of events) element.removeEventListener(name, listener)
      hideTip()
    }
  }
}
