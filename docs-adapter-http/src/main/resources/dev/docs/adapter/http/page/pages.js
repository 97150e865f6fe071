/**
 * A list that comes page by page and may be very long. Pages far from what is looked at are forgotten but for the cursor
 * that brings them back, so what is kept does not grow with how far one has scrolled.
 */
import {get} from './api.js';

export const PAGE_ROWS = 100;
/** How many pages around the ones looked at stay. */
const KEPT_AROUND = 10;

export class Pages extends EventTarget {
  /** @param query of the API, without paging */
  constructor(query) {
    super();
    this.query = query;
    /** Each with the number of its first row, its cursor, and its items or null. */
    this.pages = [];
    this.next = null;
    this.count = null;
    this.isCapped = false;
    this.problem = null;
    this.isLoading = false;
    this.stopping = new AbortController();
  }

  get rows() {
    const last = this.pages.at(-1);
    return last ? last.start + last.length : 0;
  }

  get isComplete() {
    return this.pages.length > 0 && this.next === null;
  }

  stop() {
    this.stopping.abort();
  }

  /** All is to be read again where it is. */
  renew() {
    this.problem = null;
    this.pages.forEach(page => { page.items = null; });
    this.reload(this.pages[0]);
  }

  /** The item in a row; undefined if it is being loaded. */
  at(row) {
    const page = this.pageOf(row);
    return page?.items?.[row - page.start];
  }

  pageOf(row) {
    let low = 0;
    let high = this.pages.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.pages[middle].start <= row) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return this.pages[low];
  }

  /** Sees to it that these rows are there, and what comes soon after. */
  need(first, last) {
    if (this.problem) {
      return;
    }
    for (let row = first; row <= Math.min(last, this.rows - 1); row += PAGE_ROWS) {
      this.reload(this.pageOf(row));
    }
    if (this.rows > 0) {
      this.reload(this.pageOf(Math.min(last, this.rows - 1)));
    }
    if (last + PAGE_ROWS / 2 >= this.rows && !this.isComplete) {
      this.more();
    }
    this.forget(this.pages.indexOf(this.pageOf(first)), this.pages.indexOf(this.pageOf(last)));
  }

  retry() {
    this.problem = null;
    this.more();
  }

  forget(first, last) {
    this.pages.forEach((page, i) => {
      if (i < first - KEPT_AROUND || i > last + KEPT_AROUND) {
        page.items = null;
      }
    });
  }

  async more() {
    if (this.isLoading || this.isComplete) {
      return;
    }
    this.isLoading = true;
    const isFirst = this.pages.length === 0;
    await this.guarded(async () => {
      const cursor = this.next;
      const answer = await this.fetch(cursor, isFirst);
      this.pages.push({start: this.rows, length: answer.items.length, cursor, items: answer.items, isAsked: false});
      this.next = answer.next_cursor;
      if (isFirst) {
        this.count = answer.count;
        this.isCapped = answer.count_capped;
      }
    });
    this.isLoading = false;
    this.dispatchEvent(new Event('changed'));
  }

  async reload(page) {
    if (!page || page.items || page.isAsked) {
      return;
    }
    page.isAsked = true;
    await this.guarded(async () => {
      const {items} = await this.fetch(page.cursor, false);
      // what has come meanwhile is beyond the page; what has gone makes it shorter
      page.items = items.slice(0, page.length);
      page.length = page.items.length;
      this.pages.forEach((each, i) => {
        const before = this.pages[i - 1];
        each.start = before ? before.start + before.length : 0;
      });
    });
    page.isAsked = false;
    this.dispatchEvent(new Event('changed'));
  }

  fetch(cursor, count) {
    const parameters = new URLSearchParams(this.query);
    parameters.set('limit', PAGE_ROWS);
    if (cursor) {
      parameters.set('cursor', cursor);
    }
    if (count) {
      parameters.set('count', 'true');
    }
    return get(`/v1/documents?${parameters}`, {signal: this.stopping.signal});
  }

  async guarded(work) {
    try {
      await work();
    } catch (e) {
      if (e.name !== 'AbortError') {
        this.problem = e;
      }
    }
  }
}
