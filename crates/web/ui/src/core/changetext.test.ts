import { expect, it } from 'vitest'
import { changeText } from './changetext'
import { scenario } from './fixtures'

const text = (id: string, key: string | null, before: string | number | null, after: string | number | null) =>
  changeText(scenario, { id, key, before, after })

it('says what changed as people read it', () => {
  expect(text('busan', 'until', '2026-11-10', '2027-05-10')).toEqual({ name: 'Busan', what: 'ends 10 Nov 2026 → 10 May 2027' })
  expect(text('cn-licence', 'until', null, '2028-01-01').what).toBe('ends never → 1 Jan 2028')
  expect(text('cn-licence', 'allow_civil', 0.4, 0.07).what).toBe('licences granted, civil 40% → 7%')
  expect(text('us-duty', null, 'on', 'off')).toEqual({ name: 'Duty', what: 'switched off' })
  expect(text('elsewhere', 'until', null, null)).toEqual({ name: 'elsewhere', what: 'is not in this scenario' })
})
