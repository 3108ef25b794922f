// How wide a text will be, before it is drawn.
import { shortened } from '../core/layout'

let context: CanvasRenderingContext2D | null = null
let family = ''
const widths = new Map<string, number>()

export function textWidth(text: string, size = 12.5, bold = false): number {
  const key = `${size}${bold} ${text}`
  let width = widths.get(key)
  if (width === undefined) {
    context ??= document.createElement('canvas').getContext('2d')!
    // Asked once: to ask for a style in the middle of a drawing makes the browser compute all styles.
    family ||= getComputedStyle(document.documentElement).getPropertyValue('--sans')
    context.font = `${bold ? 620 : 400} ${size}px ${family}`
    width = context.measureText(text).width
    widths.set(key, width)
  }
  return width
}

/** As much of a text as there is room for. */
export const fit = (text: string, room: number, size = 12.5, bold = false) => shortened(text, room, (part) => textWidth(part, size, bold))
