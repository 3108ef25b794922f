// Files from what is drawn. A drawing is serialized by the browser, which escapes what came from data.
import { withValues } from '../core/svg'

/** The rules that drawings rest on; their selectors name the tags and classes used inside of drawings only. */
const ours = /^(svg text|\.(t-|halo|lk|nd|dim|faded|lane))/

function rules(): string {
  return [...document.styleSheets]
    .flatMap((sheet) => [...sheet.cssRules])
    .filter((rule): rule is CSSStyleRule => rule instanceof CSSStyleRule && ours.test(rule.selectorText))
    .map((rule) => rule.cssText)
    .join('')
}

export function standalone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement
  const { width, height } = svg.viewBox.baseVal
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  copy.setAttribute('width', String(width))
  copy.setAttribute('height', String(height))
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  ground.setAttribute('width', '100%')
  ground.setAttribute('height', '100%')
  ground.setAttribute('fill', 'var(--card)')
  const style = document.createElementNS('http://www.w3.org/2000/svg', 'style')
  style.textContent = rules()
  copy.prepend(style, ground)
  const computed = getComputedStyle(document.documentElement)
  return withValues(new XMLSerializer().serializeToString(copy), (name) => computed.getPropertyValue(name))
}

export function save(name: string, content: string | Blob, type?: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}

export async function savePng(name: string, svg: SVGSVGElement): Promise<void> {
  const { width, height } = svg.viewBox.baseVal
  const image = new Image()
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standalone(svg))}`
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = width * 2
  canvas.height = height * 2
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  if (!blob) throw new Error('no picture')
  save(name, blob)
}
