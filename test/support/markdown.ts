export interface FencedBlock {
  readonly language: string
  readonly text: string
}

/** The ``` blocks of a page, in order. */
export function fencedBlocks(markdown: string): FencedBlock[] {
  const found = markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)
  return [...found].map(([, language = '', text = '']) => ({ language, text }))
}
