import { describe, expect, it } from 'vitest'
import { csv } from './csv'
import { amount, capital, firstSentence, money, percent, segments, titled } from './format'
import { escaped, withValues } from './svg'

describe('CSV', () => {
  it('quotes what needs it and leaves numbers as they are', () => {
    expect(csv(['a', 'b'], [['x, "y"', 0.1 + 0.2], ['line\nbreak', null], [' edge', Number.NaN]])).toBe(
      'a,b\r\n"x, ""y""",0.30000000000000004\r\n"line\nbreak",\r\n" edge",\r\n',
    )
  })
})

describe('sentences', () => {
  it('parts the first from the rest, and takes no decimal point for an end', () => {
    expect(firstSentence('At worst 0.4% is met. Two others run short too.')).toEqual(['At worst 0.4% is met.', 'Two others run short too.'])
    expect(firstSentence('Nobody runs short.')).toEqual(['Nobody runs short.', ''])
  })
})

describe('numbers as people read them', () => {
  it('takes three figures at most', () => {
    expect([0, 0.3, 13.2, 998, 999.6, 12_345, 1_234_567].map((value) => amount(value, 't').replace('\u00a0', ' '))).toEqual([
      '0 t', '0.3 t', '13 t', '998 t', '1 kt', '12 kt', '1.2 Mt',
    ])
    expect(amount(410.3, 'thousand')).toBe('410\u00a0k')
    expect(money(999_950, 'USD')).toBe('$1\u00a0m')
    expect(amount(null, 't')).toBe('unknown')
  })

  it('never rounds to all or nothing', () => {
    expect([0, 0.001, 0.5, 0.999, 1].map(percent)).toEqual(['0%', '<1%', '50%', '>99%', '100%'])
  })

  it('makes labels of ids', () => {
    expect(titled('export-control')).toBe('Export control')
    expect(capital('')).toBe('')
  })

  it('splits a sentence at its strong parts', () => {
    expect(segments('at worst 12% is met.', ['12%', 'not there'])).toEqual([
      { text: 'at worst ', strong: false }, { text: '12%', strong: true }, { text: ' is met.', strong: false },
    ])
  })
})

describe('SVG text', () => {
  it('escapes what came from data', () => {
    expect(escaped('<a href="x">&</a>')).toBe('&lt;a href=&quot;x&quot;&gt;&amp;&lt;/a&gt;')
  })

  it('puts values in the place of custom properties', () => {
    const values: Record<string, string> = { '--ink': ' #111 ', '--sans': 'Inter, "Segoe UI"' }
    expect(withValues('fill="var(--ink)" style="font: var(--sans)"', (name) => values[name])).toBe(
      'fill="#111" style="font: Inter, \'Segoe UI\'"',
    )
  })
})
