import { describe, expect, it } from 'vitest'
import { addressOf, addressText, nowhere, type Address } from './address'

const odd: Address = {
  page: 'compare', s: 'a b&c=d/e?#%', t: '2027-03', flow: 'chip-tool', stage: 'ore & scrap', trace: 'USA:military;x,y=z',
  foresight: 'perfect', compare: ['x,y', 'été', '100%'], kind: 'lanes', node: "mag-h:CHN>USA+owner:A&B's",
  ens: 'truce & more', need: 'us=fighter,2', by: '2027-07-01', plan: 'defence &=budget', budget: 2.5e9, b: 'chips & magnets', cell: 137, who: 'cn=1', rest: true,
  edits: [
    { id: 'cn:licence;1', set: { until: null, allow_civil: 0.25, from: '2026-11-10', 'odd,key=': 'a;b:c,d=e' } },
    { id: 'büsan&?', off: true },
  ],
}

describe('the address', () => {
  it('gives back what it was made of, odd ids included', () => {
    expect(addressOf(addressText(odd))).toEqual(odd)
    expect(addressOf(addressText(nowhere))).toEqual(nowhere)
  })

  it('is short where nothing was chosen', () => {
    expect(addressText(nowhere)).toBe('#/overview')
  })

  it('survives what people do to links', () => {
    expect(addressOf('')).toEqual(nowhere)
    expect(addressOf('#/nowhere?t=2027-3&f=other&d=:;x;y:&s=%E0%A4%A')).toEqual({ ...nowhere, s: '%E0%A4%A' })
  })
})
