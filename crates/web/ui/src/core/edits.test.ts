import { describe, expect, it } from 'vitest'
import { addressOf, addressText, nowhere } from './address'
import type { Edit, RunRequest } from './contract'
import { changes, runKey, undo, valueAfter, withSwitch, withValue } from './edits'
import { scenario } from './fixtures'

describe('edits', () => {
  it('sets a value, and forgets the edit when it is set back', () => {
    const set = withValue(scenario, [], 'busan', 'until', '2027-05-10')
    expect(set).toEqual([{ id: 'busan', set: { until: '2027-05-10' } }])
    expect(valueAfter(scenario, set, 'busan', 'until')).toBe('2027-05-10')
    expect(withValue(scenario, set, 'busan', 'until', '2026-11-10')).toEqual([])
  })
  it('keeps several changes of one measure together', () => {
    const one = withValue(scenario, [], 'cn-licence', 'allow_civil', 0.2)
    const two = withValue(scenario, one, 'cn-licence', 'until', '2028-01-01')
    expect(two).toEqual([{ id: 'cn-licence', set: { allow_civil: 0.2, until: '2028-01-01' } }])
    expect(withValue(scenario, two, 'cn-licence', 'allow_civil', 0.4)).toEqual([{ id: 'cn-licence', set: { until: '2028-01-01' } }])
  })
  it('switches off and on', () => {
    const off = withSwitch(withValue(scenario, [], 'us-duty', 'rate', 0.5), 'us-duty', false)
    expect(off).toEqual([{ id: 'us-duty', off: true }])
    expect(withSwitch(off, 'us-duty', true)).toEqual([])
  })
  it('lists changes with before and after, and takes each back alone', () => {
    let edits: Edit[] = withSwitch([], 'us-duty', false)
    edits = withValue(scenario, edits, 'cn-licence', 'allow_civil', 0.2)
    edits = withValue(scenario, edits, 'cn-licence', 'until', '2028-01-01')
    const list = changes(scenario, edits)
    expect(list.map((change) => [change.id, change.key, change.before, change.after])).toEqual([
      ['us-duty', null, 'on', 'off'], ['cn-licence', 'allow_civil', 0.4, 0.2], ['cn-licence', 'until', null, '2028-01-01'],
    ])
    expect(undo(edits, list[1])).toEqual([{ id: 'us-duty', off: true }, { id: 'cn-licence', set: { until: '2028-01-01' } }])
    expect(list.reduce(undo, edits)).toEqual([])
  })
  it('goes into the address and back', () => {
    const edits: Edit[] = [
      { id: 'us-duty', off: true },
      { id: 'cn-licence', set: { allow_civil: 0.125, until: null } },
      { id: 'busan', set: { until: '2027-05-10' } },
    ]
    const text = addressText({ ...nowhere, page: 'policies', edits })
    expect(addressOf(text).edits).toEqual(edits)
    expect(addressText(addressOf(text))).toBe(text)
  })
  it('names the same run whatever the order of the edits', () => {
    const a: Edit = { id: 'a', set: { until: null, rate: 1 } }
    const b: Edit = { id: 'b', off: true }
    const key = (edits: Edit[], changed: Partial<RunRequest> = {}) =>
      runKey({ scenario: 's', foresight: 'perfect', preview: false, edits, ...changed })
    expect(key([a, b])).toBe(key([b, { id: 'a', set: { rate: 1, until: null } }]))
    expect(key([a])).not.toBe(key([a], { preview: true }))
    expect(key([a])).not.toBe(key([a], { without: 'CHN:oxide' }))
  })
})
