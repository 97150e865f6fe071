/** All uploads of this page: which of them run, and how they get on together. */
import {documentsChanged, session} from './api.js';
import {fingerprint, remembered, Upload} from './tus.js';

const AT_ONCE = 3;
/** Over which time a speed is measured. */
const WINDOW_MILLIS = 6_000;
const TOLD_MILLIS = 1_000;

class Queue extends EventTarget {
  constructor() {
    super();
    this.uploads = [];
    this.samples = [];
    this.told = 0;
    session.addEventListener('changed', () => this.userChanged());
    addEventListener('beforeunload', event => {
      if (this.uploads.some(each => each.isUnderWay)) {
        event.preventDefault();
      }
    });
  }

  /** What an earlier page of this user has begun. */
  recall() {
    for (const saved of remembered.all()) {
      if (!this.uploads.some(each => each.fingerprint === saved.fingerprint)) {
        this.watch(new Upload(null, {documentId: saved.documentId, folder: saved.folder}, saved));
      }
    }
    this.changed();
  }

  userChanged() {
    if (!session.me) {
      this.uploads.forEach(each => each.isUnderWay && each.pause());
      this.uploads = [];
      this.changed();
    } else {
      this.recall();
    }
  }

  /** @param files each a File, or a File and the folder that it was in */
  add(files, target = {}) {
    for (const given of files) {
      const {file, folder} = given instanceof File ? {file: given} : given;
      const mark = fingerprint(file, {...target, folder});
      const missing = this.uploads.find(each => each.fingerprint === mark && each.state === 'missing');
      if (missing) {
        missing.take(file);
      } else if (!this.uploads.some(each => each.fingerprint === mark && !each.isOver)) {
        this.watch(new Upload(file, {...target, folder}));
      }
    }
    this.dispatchEvent(new Event('added'));
    this.next();
  }

  watch(upload) {
    this.uploads.push(upload);
    upload.addEventListener('changed', () => {
      if (upload.state === 'done') {
        this.tellDone();
      }
      this.next();
    });
    upload.addEventListener('progress', () => this.changed());
  }

  next() {
    // to start one tells of a change, which leads here again
    const running = this.uploads.filter(each => each.state === 'running' || each.state === 'lost').length;
    const waiting = this.uploads.find(each => each.state === 'waiting');
    if (waiting && running < AT_ONCE) {
      waiting.run();
    }
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event('changed'));
  }

  /** Lists are asked for anew now and then, and not for each of a thousand files. */
  tellDone() {
    clearTimeout(this.telling);
    const wait = Math.max(0, this.told + TOLD_MILLIS - Date.now());
    this.telling = setTimeout(() => {
      this.told = Date.now();
      documentsChanged();
    }, wait);
  }

  pause() {
    this.uploads.filter(each => each.isUnderWay).forEach(each => each.pause());
  }

  resume(which = this.uploads.filter(each => each.state === 'paused')) {
    which.forEach(each => each.become('waiting'));
    this.next();
  }

  cancel() {
    this.uploads.filter(each => !each.isOver).forEach(each => each.cancel());
  }

  clear() {
    this.uploads = this.uploads.filter(each => !each.isOver);
    this.changed();
  }

  /** Of all that is not given up: bytes sent and to send, bytes per second, and seconds left. */
  totals(now = performance.now()) {
    const counted = this.uploads.filter(each => each.state !== 'failed' && each.state !== 'cancelled');
    const sent = counted.reduce((sum, each) => sum + each.offset, 0);
    const size = counted.reduce((sum, each) => sum + each.size, 0);
    this.samples.push({now, sent});
    while (this.samples.length > 2 && this.samples[0].now < now - WINDOW_MILLIS) {
      this.samples.shift();
    }
    const {now: since, sent: before} = this.samples[0];
    const speed = now > since ? Math.max(0, (sent - before) * 1000 / (now - since)) : 0;
    return {
      sent, size, speed,
      seconds: speed > 0 ? (size - sent) / speed : null,
      done: counted.filter(each => each.state === 'done').length,
      count: this.uploads.filter(each => each.state !== 'cancelled').length,
    };
  }
}

export const queue = new Queue();
