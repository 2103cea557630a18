/** A form's fields before its file, by their names in lower case: S3 and RGW compare them so. */
export type FormFields = ReadonlyMap<string, string>

/** Fields of such names are the page's own business. */
export const IGNORED_PREFIX = 'x-ignore-'

/** Fields of one name are one, its values joined by commas, as S3 documents it for policies and for metadata. */
export function addField(fields: Map<string, string>, name: string, value: string): void {
  const lower = name.toLowerCase()
  const before = fields.get(lower)
  fields.set(lower, before === undefined ? value : `${before},${value}`)
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: this is what forms write
const FILENAME = '${filename}'

/**
 * The fields with each `${filename}` replaced by the file's name, as S3 does it in all fields before it looks at the
 * policy. Of a path, which some browsers send, only what follows the last slash or backslash counts.
 */
export function expandFilename(fields: FormFields, filename: string | undefined): FormFields {
  const name = filename?.replace(/^.*[/\\]/s, '') ?? ''
  const expanded = new Map<string, string>()
  for (const [field, value] of fields)
    expanded.set(
      field,
      value.replaceAll(FILENAME, () => name),
    )
  return expanded
}
