// A list that comes page by page.

/**
 * All that was loaded so far; `more` loads the next page while there is one.
 * @template T
 * @param {(cursor?: string) => Promise<{ items: T[], next_cursor: string | null }>} load
 * @param {(items: T[], more: (() => Promise<void>) | undefined) => void} draw
 */
export async function list(load, draw) {
  /** @type {T[]} */
  const items = [];
  let isLoading = false;
  /** @param {string} [cursor] */
  async function next(cursor) {
    if (isLoading) return;
    isLoading = true;
    try {
      const page = await load(cursor);
      items.push(...page.items);
      const following = page.next_cursor;
      draw(items, following ? () => next(following) : undefined);
    } finally {
      isLoading = false;
    }
  }
  await next();
}
