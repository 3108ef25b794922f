// A small scenario for the tests.
import type { Scenario } from './contract'

const about = { claimed_by: null, legal: null, source: [], note: null, responds_to: null }
export const scenario: Scenario = {
  id: 's', name: 'S', story: '',
  measures: [
    {
      id: 'cn-licence', name: 'Licences', kind: 'export-control', by: 'China', by_regions: ['CHN'], what: '', from: '2025-04-04',
      until: null, announced: null, until_announced: null, ...about,
      parameters: [{ key: 'allow_civil', label: 'licences granted, civil', value: 0.4, kind: 'share' }],
    },
    {
      id: 'us-duty', name: 'Duty', kind: 'tariff', by: 'United States', by_regions: ['USA'], what: '', from: '2025-02-04',
      until: '2026-02-20', announced: null, until_announced: null, ...about,
      parameters: [{ key: 'rate', label: 'rate of duty', value: 0.1, kind: 'rate' }],
    },
  ],
  truces: [{
    id: 'busan', name: 'Busan', suspends: ['cn-licence', 'us-duty'], from: '2025-11-07', until: '2026-11-10', announced: null,
    extended: 0, extensions: [], ...about,
  }],
}
