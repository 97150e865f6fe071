/**
 * Which documents of a list are chosen: some, by their ids, or all that its filter finds but for some. What is chosen stays
 * so when the list is read again or scrolled away, until another filter is looked at.
 */
import {get} from './api.js';

/** The most that one request may act on. */
export const MOST = 10_000;
const PAGE_ROWS = 200;

export class Selection {
  /** @param changed is called when something else is chosen */
  constructor(changed) {
    this.changed = changed;
    this.turn = Promise.resolve();
    this.reset();
  }

  clear() {
    this.reset();
    this.changed();
  }

  reset() {
    /** Names by ids: in them, or if all are chosen, left out. */
    this.some = new Map();
    this.isAll = false;
    this.endRange();
  }

  /** What was chosen stays; rows have other numbers from now on. */
  endRange() {
    /** The row that a range begins at. */
    this.anchor = null;
    /** The rows of the range that is being drawn. */
    this.range = null;
  }

  /** @param count of all in the list, if it is known */
  size(count) {
    return this.isAll ? Math.max(0, count - this.some.size) : this.some.size;
  }

  get isEmpty() {
    return !this.isAll && this.some.size === 0;
  }

  has(item) {
    return item !== undefined && this.some.has(item.id) !== this.isAll;
  }

  chooseAll() {
    this.some = new Map();
    this.isAll = true;
    this.changed();
  }

  toggle(pages, row) {
    const item = pages.at(row);
    if (item) {
      this.set([item], !this.has(item));
      this.anchor = row;
      this.range = null;
    }
  }

  set(items, isChosen) {
    for (const item of items) {
      if (isChosen === this.isAll) {
        this.some.delete(item.id);
      } else {
        this.some.set(item.id, item.name);
      }
    }
    this.changed();
  }

  /** Chooses from where a range began to a row; what the same range had beyond it, no more. */
  extend(pages, row) {
    // one after another, since rows may have to be loaded; if they can't, nothing is chosen
    this.turn = this.turn.then(() => this.draw(pages, row)).catch(e => console.warn(e));
  }

  async draw(pages, row) {
    this.anchor ??= row;
    const before = this.range;
    const now = [Math.min(this.anchor, row), Math.max(this.anchor, row)];
    const within = await itemsIn(pages, ...now);
    if (before) {
      const left = await itemsIn(pages, before[0], Math.min(before[1], now[0] - 1));
      const right = await itemsIn(pages, Math.max(before[0], now[1] + 1), before[1]);
      this.set([...left, ...right], false);
    }
    this.range = now;
    this.set(within, true);
  }

  /**
   * What is chosen now, one by one: so that what was looked at and agreed to is what it is done to, and not what comes later.
   *
   * @param query that the list was asked for with
   * @returns names by ids, or null if there are too many
   */
  async documents(query) {
    if (!this.isAll) {
      return this.some.size > MOST ? null : new Map(this.some);
    }
    const found = new Map();
    const parameters = new URLSearchParams(query);
    parameters.set('limit', PAGE_ROWS);
    for (let cursor = ''; cursor !== null;) {
      const page = await get(`/v1/documents?${parameters}`);
      for (const item of page.items) {
        if (!this.some.has(item.id)) {
          found.set(item.id, item.name);
        }
      }
      if (found.size > MOST) {
        return null;
      }
      cursor = page.next_cursor;
      parameters.set('cursor', cursor);
    }
    return found;
  }
}

/** The items of rows, also of those that have been forgotten. */
async function itemsIn(pages, first, last) {
  const found = [];
  for (const page of pages.pages) {
    const from = Math.max(first, page.start);
    const to = Math.min(last, page.start + page.length - 1);
    if (from <= to) {
      const items = page.items ?? (await pages.fetch(page.cursor, false)).items;
      found.push(...items.slice(from - page.start, to - page.start + 1));
    }
  }
  return found;
}
