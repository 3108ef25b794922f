// How wide a text will be, before it is drawn.
let context: CanvasRenderingContext2D | null = null
const widths = new Map<string, number>()

export function textWidth(text: string, size = 12.5, bold = false): number {
  const key = `${size}${bold} ${text}`
  let width = widths.get(key)
  if (width === undefined) {
    context ??= document.createElement('canvas').getContext('2d')!
    const family = getComputedStyle(document.documentElement).getPropertyValue('--sans')
    context.font = `${bold ? 620 : 400} ${size}px ${family}`
    width = context.measureText(text).width
    widths.set(key, width)
  }
  return width
}
