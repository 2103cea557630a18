import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, makeUser, whoIsRefused } from '../../../support/admin.ts'
import { uniqueName, useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

describe('AdminListUsers', () => {
  it('lists ids in pages', async () => {
    const prefix = uniqueName('list')
    for (const name of ['a', 'b', 'c']) await makeUser(admin, `${prefix}-${name}`)
    const first = await admin(`GET user?list&max-entries=2&marker=${prefix}`)
    expect(first.json).toEqual({
      keys: [`${prefix}-a`, `${prefix}-b`],
      truncated: true,
      count: 2,
      marker: `${prefix}-b`,
    })
    const second = await admin(`GET user?list&max-entries=1&marker=${first.json.marker}`)
    expect(second.json.keys).toEqual([`${prefix}-c`])
    const xml = await admin(`GET user?list&max-entries=1&marker=${prefix}&format=xml`)
    expect(xml.text).toContain(`<keys><key>${prefix}-a</key></keys><truncated>true</truncated><count>1</count>`)
  })

  it('refuses a page of nothing', async () => {
    expect((await admin('GET user?list&max-entries=0')).json.Code).toBe('InvalidArgument')
    expect((await admin('GET user?list&max-entries=100000')).status).toBe(200)
  })

  it('needs users=read', async () => {
    expect(await whoIsRefused(admin, 'GET user?list')).toEqual(['alt', 'anonymous'])
    expect((await admin('GET user?list', { as: 'root' })).status).toBe(200)
  })
})
