// The address `#/<page>?s=...` as a value and back: a copied link restores the view, edits included.
import type { Edit, Foresight } from './contract'

export const pages = ['overview', 'policies', 'chokepoints', 'futures', 'mitigation', 'bargaining', 'compare', 'data'] as const
export type Page = (typeof pages)[number]

export interface Address {
  page: Page
  /** Scenario; empty means the model's default. */
  s: string
  /** Month shown, YYYY-MM; empty means the page chooses. */
  t: string
  /** Which flows of the Sankey: a stage; empty means the first. */
  flow: string
  /** Stage of the map; empty means the first. */
  stage: string
  /** Group traced through the Sankey; empty means all. */
  trace: string
  foresight: Foresight
  edits: Edit[]
  /** Scenarios of the page Compare. */
  compare: string[]
  /** Which chokepoints are listed; empty means those the node is of, else the first. */
  kind: string
  /** The node that is lost on the page Chokepoints; empty means none. */
  node: string
  /** Of the page Futures: the ensemble, empty means the first; the need, empty means all; short before which day. */
  ens: string
  need: string
  by: string
  /** Of the page Mitigation: the plan, empty means the first; the budget of the frontier that is looked at, null means none. */
  plan: string
  budget: number | null
  /** Of the page Bargaining: the bargain, empty means the first; the number of the combination that is looked at; whose gains
   *  colour the matrix; `rest` is for what levers cost while those of others are as in no deal. */
  b: string
  cell: number | null
  who: string
  rest: boolean
}

export const nowhere: Address = {
  page: 'overview', s: '', t: '', flow: '', stage: '', trace: '', foresight: 'announced', edits: [], compare: [],
  kind: '', node: '', ens: '', need: '', by: '', plan: '', budget: null,
  b: '', cell: null, who: '', rest: false,
}

// Within `d`, edits stand apart by `;`, an id from its changes by `:`, changes by `,`, a key from its value by `=`. Ids,
// keys and values are percent-encoded one by one, which leaves none of these in them.
const encode = (text: string) => encodeURIComponent(text)

// A broken escape in a link that somebody cut short must not take the page down.
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

const isNumber = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

function valueText(value: string | number | null): string {
  return value === null ? 'none' : encode(String(value))
}

function valueOf(text: string): string | number | null {
  const value = decode(text)
  if (value === 'none') return null
  return isNumber.test(value) ? Number(value) : value
}

export function editsText(edits: Edit[]): string {
  return edits
    .map((edit) => {
      const changes = Object.entries(edit.set ?? {}).map(([key, value]) => `${encode(key)}=${valueText(value)}`)
      return [encode(edit.id), (edit.off ? ['off'] : changes).join(',')].join(':')
    })
    .join(';')
}

export function editsOf(text: string): Edit[] {
  const edits: Edit[] = []
  for (const part of text.split(';')) {
    const colon = part.indexOf(':')
    if (colon < 1) continue
    const id = decode(part.slice(0, colon))
    const changes = part.slice(colon + 1)
    if (changes === 'off') {
      edits.push({ id, off: true })
      continue
    }
    const set: Record<string, string | number | null> = {}
    for (const change of changes.split(',')) {
      const equals = change.indexOf('=')
      if (equals > 0) set[decode(change.slice(0, equals))] = valueOf(change.slice(equals + 1))
    }
    if (Object.keys(set).length) edits.push({ id, set })
  }
  return edits
}

export function addressText(address: Address): string {
  const parts: string[] = []
  const add = (key: string, text: string) => text && parts.push(`${key}=${text}`)
  add('s', encode(address.s))
  add('t', encode(address.t))
  add('flow', encode(address.flow))
  add('stage', encode(address.stage))
  add('trace', encode(address.trace))
  add('f', address.foresight === 'perfect' ? 'perfect' : '')
  add('c', address.compare.map(encode).join(','))
  add('kind', encode(address.kind))
  add('node', encode(address.node))
  add('ens', encode(address.ens))
  add('need', encode(address.need))
  add('by', address.by)
  add('plan', encode(address.plan))
  add('budget', address.budget === null ? '' : String(address.budget))
  add('b', encode(address.b))
  add('cell', address.cell === null ? '' : String(address.cell))
  add('who', encode(address.who))
  add('rest', address.rest ? 'no-deal' : '')
  add('d', editsText(address.edits))
  return `#/${address.page}${parts.length ? '?' + parts.join('&') : ''}`
}

export function addressOf(hash: string): Address {
  const [, path = '', query = ''] = /^#?\/?([^?]*)\??(.*)$/s.exec(hash) ?? []
  const raw = new Map<string, string>()
  for (const part of query.split('&')) {
    const equals = part.indexOf('=')
    if (equals > 0) raw.set(part.slice(0, equals), part.slice(equals + 1))
  }
  const text = (key: string) => decode(raw.get(key) ?? '')
  const page = pages.find((name) => name === path) ?? 'overview'
  return {
    page,
    s: text('s'),
    t: /^\d{4}-\d\d$/.test(text('t')) ? text('t') : '',
    flow: text('flow'),
    stage: text('stage'),
    trace: text('trace'),
    foresight: text('f') === 'perfect' ? 'perfect' : 'announced',
    edits: editsOf(raw.get('d') ?? ''),
    compare: (raw.get('c') ?? '').split(',').filter(Boolean).map(decode),
    kind: text('kind'),
    node: text('node'),
    ens: text('ens'),
    need: text('need'),
    by: /^\d{4}-\d\d-\d\d$/.test(text('by')) ? text('by') : '',
    plan: text('plan'),
    budget: isNumber.test(text('budget')) ? Number(text('budget')) : null,
    b: text('b'),
    cell: /^\d+$/.test(text('cell')) ? Number(text('cell')) : null,
    who: text('who'),
    rest: text('rest') === 'no-deal',
  }
}
